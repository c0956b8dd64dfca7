// SPDX-License-Identifier: MIT
#include <lull/sched/semaphore.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

lull::task<> acquire_and_note(lull::semaphore& s, std::size_t tokens, std::string& order,
                              char name) {
  const bool acquired = co_await s.acquire(tokens);
  if (!acquired) order += '-';
  order += name;
}

}  // namespace

TEST_CASE("tokens that are there are taken without a suspension") {
  test::run_alone([]() -> lull::task<> {
    lull::semaphore s(3);
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(co_await s.acquire());
    REQUIRE(co_await s.acquire(2));
    REQUIRE(s.available() == 0);
    REQUIRE(co_await s.acquire(0));
    REQUIRE_FALSE(s.try_acquire());
    s.release(3);
    REQUIRE(s.try_acquire(2));
    REQUIRE_FALSE(s.try_acquire(2));
    REQUIRE(s.available() == 1);
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("tokens are kept for the oldest, also when it asks for many and others for few") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::semaphore s(0);
    lull::scope all;
    all.spawn(acquire_and_note, std::ref(s), 3, std::ref(order), 'a');
    all.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'b');
    all.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'c');
    co_await lull::yield();
    s.release(2);
    REQUIRE_FALSE(s.try_acquire());
    co_await lull::yield();
    REQUIRE(order.empty());
    s.release(2);
    REQUIRE(order.empty());  // resumption is later
    co_await lull::yield();
    REQUIRE(order == "ab");
    REQUIRE(s.available() == 0);
    s.release(2);
    co_await all.join();
    REQUIRE(s.available() == 1);
  });
  REQUIRE(order == "abc");
}

TEST_CASE("a task that is stopped takes no token, and lets those pass who ask for less") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::semaphore s(2);
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(acquire_and_note, std::ref(s), 3, std::ref(order), 'a');
    others.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'b');
    others.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'c');
    others.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'd');
    co_await lull::yield();
    REQUIRE(order.empty());
    stopped.request_stop();
    co_await stopped.join();
    co_await lull::yield();
    REQUIRE(s.available() == 0);
    REQUIRE(order == "-abc");
    s.release();
    co_await others.join();
  });
  REQUIRE(order == "-abcd");
}

TEST_CASE("a token that was handed over before the stop is delivered") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::semaphore s(0);
    lull::scope all;
    all.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'a');
    co_await lull::yield();
    s.release();
    all.request_stop();
    all.spawn(acquire_and_note, std::ref(s), 1, std::ref(order), 'b');  // does not wait at all
    co_await all.join();
    REQUIRE(s.available() == 0);
  });
  REQUIRE(order == "a-b");
}

// The model: tokens, and a queue of who asked for how many.
TEST_CASE("a semaphore does what a counter and a queue do, whatever comes in whatever order") {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    CAPTURE(seed);
    std::vector<std::size_t> seen;
    std::vector<std::size_t> expected;
    test::run_alone([&]() -> lull::task<> {
      std::mt19937 random(seed);
      const auto below = [&](std::size_t limit) { return random() % limit; };
      lull::semaphore s(4);
      std::size_t tokens = 4;
      std::deque<std::pair<std::size_t, std::size_t>> queue;
      const auto serve = [&] {
        while (!queue.empty() && queue.front().second <= tokens) {
          tokens -= queue.front().second;
          expected.push_back(queue.front().first);
          queue.pop_front();
        }
      };
      std::vector<std::unique_ptr<lull::scope>> tasks;
      const auto stop = [&](std::size_t name) {
        tasks[name]->request_stop();
        std::erase_if(queue, [&](const auto& one) { return one.first == name; });
        serve();
      };
      for (int step = 0; step < 400; ++step) {
        const auto what = below(10);
        if (what < 5) {
          const std::size_t name = tasks.size();
          const std::size_t asked = below(4);
          tasks.push_back(std::make_unique<lull::scope>());
          tasks.back()->spawn([&s, &seen, name, asked]() -> lull::task<> {
            const bool acquired = co_await s.acquire(asked);
            if (acquired) seen.push_back(name);
          });
          co_await lull::yield();
          queue.emplace_back(name, asked);
          serve();
        } else if (what < 8) {
          const std::size_t back = below(3);
          s.release(back);
          tokens += back;
          serve();
        } else if (what < 9 && !tasks.empty()) {
          stop(below(tasks.size()));
        } else {
          const std::size_t asked = below(3);
          const bool there = queue.empty() && asked <= tokens;
          REQUIRE(s.try_acquire(asked) == there);
          if (there) tokens -= asked;
        }
        REQUIRE(s.available() == tokens);
        if (below(2) == 0) co_await lull::yield();
      }
      for (std::size_t name = 0; name < tasks.size(); ++name) stop(name);
      for (auto& one : tasks) co_await one->join();
      REQUIRE(s.available() == tokens);
    });
    REQUIRE(seen == expected);
  }
}
