// SPDX-License-Identifier: MIT
#include <lull/sched/mutex.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "helpers.hpp"

namespace {

// Locks, notes its name, and keeps the lock for a turn; '-' and its name if it was stopped.
lull::task<> lock_and_note(lull::mutex& m, std::string& order, char name) {
  auto lock = co_await m.lock();
  if (!lock) order += '-';
  order += name;
  co_await lull::yield();
}

}  // namespace

TEST_CASE("a free mutex is locked without a suspension, and is free again when the lock ends") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex m;
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    for (int i = 0; i < 3; ++i) {
      auto lock = co_await m.lock();
      REQUIRE(lock);
      REQUIRE_FALSE(m.try_lock());
    }
    REQUIRE(m.try_lock());
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("a mutex goes to those who wait in the order in which they came, across suspensions") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    lull::scope all;
    for (char name = 'a'; name <= 'e'; ++name) {
      all.spawn(lock_and_note, std::ref(m), std::ref(order), name);
    }
    co_await all.join();
    REQUIRE(m.try_lock());
  });
  REQUIRE(order == "abcde");
}

TEST_CASE("unlocking hands the mutex over: nobody overtakes, and nobody resumes inside unlock") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    auto mine = co_await m.lock();
    lull::scope all;
    all.spawn(lock_and_note, std::ref(m), std::ref(order), 'a');
    co_await lull::yield();
    mine.unlock();
    REQUIRE_FALSE(mine);
    REQUIRE(order.empty());
    REQUIRE_FALSE(m.try_lock());
    mine = co_await m.lock();
    order += 'b';
    mine.unlock();
    co_await all.join();
  });
  REQUIRE(order == "ab");
}

TEST_CASE("a task that is stopped gets an empty lock, and leaves its place to the next") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    auto mine = co_await m.lock();
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(lock_and_note, std::ref(m), std::ref(order), 'a');
    others.spawn(lock_and_note, std::ref(m), std::ref(order), 'b');
    stopped.spawn(lock_and_note, std::ref(m), std::ref(order), 'c');
    others.spawn(lock_and_note, std::ref(m), std::ref(order), 'd');
    co_await lull::yield();
    stopped.request_stop();
    REQUIRE(order.empty());
    co_await stopped.join();
    REQUIRE(order == "-a-c");
    mine.unlock();
    co_await others.join();
  });
  REQUIRE(order == "-a-cbd");
}

TEST_CASE("a mutex that was handed over before the stop is delivered, and goes on to the next") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex m;
    auto mine = co_await m.lock();
    lull::scope all;
    all.spawn(lock_and_note, std::ref(m), std::ref(order), 'a');
    all.spawn(lock_and_note, std::ref(m), std::ref(order), 'b');
    co_await lull::yield();
    mine.unlock();  // a has it, and has not run
    all.request_stop();
    co_await all.join();
    REQUIRE(m.try_lock());
  });
  REQUIRE(order == "a-b");
}

TEST_CASE("who was stopped before locks a free mutex, and does not wait for another") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::mutex open;
    lull::mutex shut;
    auto mine = co_await shut.lock();
    lull::scope all;
    all.request_stop();
    all.spawn(lock_and_note, std::ref(open), std::ref(order), 'a');
    all.spawn(lock_and_note, std::ref(shut), std::ref(order), 'b');
    co_await all.join();
  });
  REQUIRE(order == "a-b");
}

TEST_CASE("an exception lets the mutex go") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex m;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      auto lock = co_await m.lock();
      co_await lull::yield();
      throw std::runtime_error("inside");
    });
    co_await lull::yield();
    REQUIRE_FALSE(m.try_lock());
    auto mine = co_await m.lock();
    REQUIRE(mine);
    bool thrown = false;
    try {
      co_await all.join();
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
  });
}

TEST_CASE("a lock moves, and one that is assigned to lets go of what it had") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex a;
    lull::mutex b;
    auto one = co_await a.lock();
    auto other = std::move(one);
    REQUIRE_FALSE(one);
    REQUIRE(other);
    other = co_await b.lock();
    REQUIRE(a.try_lock());
    REQUIRE_FALSE(b.try_lock());
    other = lull::mutex_lock();
    REQUIRE(b.try_lock());
  });
}

TEST_CASE("many tasks that lock across a suspension never find another inside") {
  test::run_alone([]() -> lull::task<> {
    lull::mutex m;
    int inside = 0;
    int done = 0;
    lull::scope all;
    for (int task = 0; task < 20; ++task) {
      all.spawn([&, task]() -> lull::task<> {
        for (int i = 0; i < 50; ++i) {
          auto lock = co_await m.lock();
          ++inside;
          REQUIRE(inside == 1);
          if ((i + task) % 3 != 0) co_await lull::yield();
          REQUIRE(inside == 1);
          --inside;
          ++done;
        }
      });
    }
    co_await all.join();
    REQUIRE(done == 20 * 50);
  });
}

TEST_CASE("a time limit ends the wait for a mutex, and its place goes to the next") {
  std::string order;
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::mutex m;
    auto mine = co_await m.lock();
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      const auto lock = co_await lull::timeout(std::chrono::milliseconds(5), m.lock());
      order += lock.timed_out() ? "late " : "locked ";
    });
    all.spawn(lock_and_note, std::ref(m), std::ref(order), 'a');
    co_await lull::yield();
    cores.clock.advance(std::chrono::milliseconds(10));
    for (int i = 0; i < 500; ++i) co_await lull::yield();  // more than an iteration
    REQUIRE(order == "late ");
    mine.unlock();
    co_await all.join();
  });
  REQUIRE(order == "late a");
}
