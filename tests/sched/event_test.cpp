// SPDX-License-Identifier: MIT
#include <lull/sched/event.hpp>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

template <class Event>
lull::task<> wait_and_note(Event& e, std::string& order, char name) {
  const bool set = co_await e.wait();
  if (!set) order += '-';
  order += name;
}

}  // namespace

TEST_CASE("an event that is set lets everybody through without a suspension, until it is reset") {
  test::run_alone([]() -> lull::task<> {
    lull::event e(true);
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(e.is_set());
    REQUIRE(co_await e.wait());
    REQUIRE(co_await e.wait());
    REQUIRE_FALSE(other_ran);
    e.reset();
    REQUIRE_FALSE(e.is_set());
    co_await all.join();
  });
}

TEST_CASE("setting an event resumes all who wait, in order and later, also if it is reset again") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::event e;
    lull::scope all;
    for (char name = 'a'; name <= 'd'; ++name) {
      all.spawn(wait_and_note<lull::event>, std::ref(e), std::ref(order), name);
    }
    co_await lull::yield();
    e.set();
    e.set();
    e.reset();
    REQUIRE(order.empty());
    co_await all.join();
    REQUIRE(order == "abcd");
    all.spawn(wait_and_note<lull::event>, std::ref(e), std::ref(order), 'e');
    co_await lull::yield();
    REQUIRE(order == "abcd");
    e.set();
    co_await all.join();
  });
  REQUIRE(order == "abcde");
}

TEST_CASE("an event may be destroyed as soon as it is set") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    std::optional<lull::event> e(std::in_place);
    std::optional<lull::auto_event> one(std::in_place);
    lull::scope all;
    all.spawn(wait_and_note<lull::event>, std::ref(*e), std::ref(order), 'a');
    all.spawn(wait_and_note<lull::auto_event>, std::ref(*one), std::ref(order), 'b');
    co_await lull::yield();
    e->set();
    e.reset();
    one->set();
    one.reset();
    co_await all.join();
  });
  REQUIRE(order == "ab");
}

TEST_CASE("a stop ends the wait for an event; one that was set before has been seen") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::event never;
    lull::event set;
    lull::scope all;
    all.spawn(wait_and_note<lull::event>, std::ref(never), std::ref(order), 'a');
    all.spawn(wait_and_note<lull::event>, std::ref(set), std::ref(order), 'b');
    co_await lull::yield();
    set.set();
    all.request_stop();
    all.spawn(wait_and_note<lull::event>, std::ref(never), std::ref(order), 'c');
    all.spawn(wait_and_note<lull::event>, std::ref(set), std::ref(order), 'd');
    co_await all.join();
  });
  REQUIRE(order == "b-a-cd");
}

TEST_CASE("an auto_event lets one through for each time that somebody waits, in order") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::auto_event e;
    lull::scope all;
    for (char name = 'a'; name <= 'c'; ++name) {
      all.spawn(wait_and_note<lull::auto_event>, std::ref(e), std::ref(order), name);
    }
    co_await lull::yield();
    e.set();
    REQUIRE_FALSE(e.try_wait());  // it was for a
    REQUIRE(order.empty());
    co_await lull::yield();
    REQUIRE(order == "a");
    e.set();
    e.set();
    co_await all.join();
    REQUIRE(order == "abc");
    REQUIRE_FALSE(e.try_wait());
  });
}

TEST_CASE("an auto_event that nobody waits for stays set for one, and does not count") {
  test::run_alone([]() -> lull::task<> {
    lull::auto_event e(true);
    REQUIRE(co_await e.wait());
    REQUIRE_FALSE(e.try_wait());
    e.set();
    e.set();
    REQUIRE(e.try_wait());
    REQUIRE_FALSE(e.try_wait());
  });
}

TEST_CASE("who is stopped takes nothing from an auto_event; what it was given before it has") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::auto_event e;
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(wait_and_note<lull::auto_event>, std::ref(e), std::ref(order), 'a');
    stopped.spawn(wait_and_note<lull::auto_event>, std::ref(e), std::ref(order), 'b');
    others.spawn(wait_and_note<lull::auto_event>, std::ref(e), std::ref(order), 'c');
    co_await lull::yield();
    e.set();
    stopped.request_stop();
    co_await stopped.join();
    REQUIRE(order == "a-b");
    e.set();
    co_await others.join();
  });
  REQUIRE(order == "a-bc");
}
