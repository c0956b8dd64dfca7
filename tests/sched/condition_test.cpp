// SPDX-License-Identifier: MIT
#include <lull/sched/condition.hpp>

#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

// Waits once; notes its name when it resumes with the lock, which it keeps for a turn.
lull::task<> wait_once(lull::mutex& m, lull::condition& c, std::string& order, char name) {
  auto lock = co_await m.lock();
  const bool notified = co_await c.wait(lock);
  REQUIRE(lock);
  REQUIRE_FALSE(m.try_lock());
  if (!notified) order += '-';
  order += name;
  co_await lull::yield();
}

}  // namespace

TEST_CASE("a condition frees the mutex while it waits, and has it locked again when it resumes") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    lull::scope all;
    all.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), 'a');
    co_await lull::yield();
    auto mine = m.try_lock();
    REQUIRE(mine);
    c.notify_one();
    co_await lull::yield();
    co_await lull::yield();
    REQUIRE(order.empty());  // it waits for the mutex now
    mine.unlock();
    REQUIRE(order.empty());
    REQUIRE_FALSE(m.try_lock());
    co_await all.join();
    REQUIRE(m.try_lock());
  });
  REQUIRE(order == "a");
}

TEST_CASE("notify_one wakes the oldest and notify_all those who wait now, each with the mutex") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    c.notify_one();
    c.notify_all();
    lull::scope all;
    for (char name = 'a'; name <= 'd'; ++name) {
      all.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), name);
    }
    co_await lull::yield();
    c.notify_one();
    for (int i = 0; i < 5; ++i) co_await lull::yield();
    REQUIRE(order == "a");
    c.notify_all();
    all.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), 'e');
    for (int i = 0; i < 20; ++i) co_await lull::yield();
    REQUIRE(order == "abcd");
    c.notify_one();
    co_await all.join();
  });
  REQUIRE(order == "abcde");
}

TEST_CASE("a stop ends the wait for a condition, with the mutex locked all the same") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), 'a');
    others.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), 'b');
    co_await lull::yield();
    auto mine = co_await m.lock();
    stopped.request_stop();
    c.notify_one();  // not for a: nothing is lost
    co_await lull::yield();
    REQUIRE(order.empty());
    mine.unlock();
    co_await stopped.join();
    co_await others.join();
    REQUIRE(order == "-ab");
    stopped.spawn([&]() -> lull::task<> {
      auto lock = m.try_lock();
      REQUIRE(!co_await c.wait(lock));  // does not wait at all
      REQUIRE(lock);
      order += 'c';
    });
    co_await stopped.join();
  });
  REQUIRE(order == "-abc");
}

TEST_CASE("who was notified before the stop has been notified, and keeps its place at the mutex") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(wait_once, std::ref(m), std::ref(c), std::ref(order), 'a');
    co_await lull::yield();
    auto mine = co_await m.lock();
    c.notify_one();
    others.spawn([&]() -> lull::task<> {
      const auto lock = co_await m.lock();
      order += 'b';
    });
    co_await lull::yield();
    stopped.request_stop();
    mine.unlock();
    co_await stopped.join();
    co_await others.join();
  });
  REQUIRE(order == "ab");
}

TEST_CASE("waiting for a predicate goes on until it holds, or a stop was asked for") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    int value = 0;
    int asked = 0;
    lull::scope all;
    const auto wait_for = [&](int wanted) -> lull::task<> {
      auto lock = co_await m.lock();
      const bool holds = co_await c.wait(lock, [&] {
        ++asked;
        REQUIRE_FALSE(m.try_lock());
        return value >= wanted;
      });
      REQUIRE(lock);
      REQUIRE(holds == (value >= wanted));
    };
    all.spawn(wait_for, 0);
    co_await all.join();
    REQUIRE(asked == 1);
    all.spawn(wait_for, 2);
    for (int i = 0; i < 2; ++i) {
      for (int turn = 0; turn < 5; ++turn) co_await lull::yield();
      auto lock = co_await m.lock();
      ++value;
      c.notify_all();
    }
    co_await all.join();
    REQUIRE(asked == 4);
    all.spawn(wait_for, 3);
    for (int turn = 0; turn < 5; ++turn) co_await lull::yield();
    all.request_stop();
    co_await all.join();
    REQUIRE(asked == 6);
  });
}

TEST_CASE("an exception of a predicate comes out, with the mutex locked until the lock ends") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex m;
    lull::condition c;
    bool thrown = false;
    {
      auto lock = co_await m.lock();
      try {
        co_await c.wait(lock, []() -> bool { throw std::runtime_error("predicate"); });
      } catch (const std::runtime_error&) {
        thrown = true;
      }
      REQUIRE(lock);
      REQUIRE_FALSE(m.try_lock());
    }
    REQUIRE(thrown);
    REQUIRE(m.try_lock());
  });
}
