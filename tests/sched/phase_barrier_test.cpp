// SPDX-License-Identifier: MIT
#include <lull/sched/phase_barrier.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

lull::task<> arrive_and_note(lull::phase_barrier& b, std::string& order, char name) {
  const bool together = co_await b.arrive_and_wait();
  if (!together) order += '-';
  order += name;
}

}  // namespace

TEST_CASE("the last to arrive at a phase_barrier goes on, and the others after it in order") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::phase_barrier b(3);
    lull::scope all;
    all.spawn(arrive_and_note, std::ref(b), std::ref(order), 'a');
    all.spawn(arrive_and_note, std::ref(b), std::ref(order), 'b');
    co_await lull::yield();
    co_await lull::yield();
    REQUIRE(order.empty());
    REQUIRE(co_await b.arrive_and_wait());
    REQUIRE(order.empty());  // that did not suspend
    co_await all.join();
  });
  REQUIRE(order == "ab");
}

TEST_CASE("tasks that meet at a phase_barrier are never more than one phase apart") {
  test::run_alone([]() -> lull::task<> {
    constexpr int tasks = 7;
    lull::phase_barrier b(tasks);
    std::vector<int> phases(tasks, 0);
    lull::scope all;
    for (std::size_t task = 0; task < tasks; ++task) {
      all.spawn([&, task]() -> lull::task<> {
        for (int phase = 0; phase < 30; ++phase) {
          for (std::size_t i = 0; i < (task * 5 + static_cast<std::size_t>(phase)) % 4; ++i) {
            co_await lull::yield();
          }
          phases[task] = phase;
          REQUIRE(co_await b.arrive_and_wait());
          REQUIRE(*std::ranges::min_element(phases) == phase);
          REQUIRE(*std::ranges::max_element(phases) == phase);
          REQUIRE(co_await b.arrive_and_wait());
        }
      });
    }
    co_await all.join();
  });
}

TEST_CASE("who is stopped at a phase_barrier has not arrived") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::phase_barrier b(3);
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(arrive_and_note, std::ref(b), std::ref(order), 'a');
    others.spawn(arrive_and_note, std::ref(b), std::ref(order), 'b');
    co_await lull::yield();
    stopped.request_stop();
    stopped.spawn(arrive_and_note, std::ref(b), std::ref(order), 'c');
    co_await stopped.join();
    REQUIRE(order == "-a-c");
    others.spawn(arrive_and_note, std::ref(b), std::ref(order), 'd');
    co_await lull::yield();
    REQUIRE(order == "-a-c");
    REQUIRE(co_await b.arrive_and_wait());
    co_await others.join();
  });
  REQUIRE(order == "-a-cbd");
}

TEST_CASE("a phase that ended before the stop has been seen") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::phase_barrier b(2);
    lull::scope all;
    all.spawn(arrive_and_note, std::ref(b), std::ref(order), 'a');
    co_await lull::yield();
    REQUIRE(co_await b.arrive_and_wait());
    all.request_stop();
    co_await all.join();
  });
  REQUIRE(order == "a");
}

TEST_CASE("who drops out of a phase_barrier is not waited for, then and later") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::phase_barrier b(3);
    lull::scope all;
    all.spawn(arrive_and_note, std::ref(b), std::ref(order), 'a');
    all.spawn(arrive_and_note, std::ref(b), std::ref(order), 'b');
    co_await lull::yield();
    b.arrive_and_drop();
    REQUIRE(order.empty());
    co_await all.join();
    REQUIRE(order == "ab");
    b.arrive_and_drop();
    REQUIRE(co_await b.arrive_and_wait());
    b.arrive_and_drop();
  });
}
