// SPDX-License-Identifier: MIT
#include <lull/sched/latch.hpp>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

lull::task<> wait_for_zero(lull::latch& l, std::string& order, char name) {
  const bool zero = co_await l.wait();
  if (!zero) order += '-';
  order += name;
}

}  // namespace

TEST_CASE("a latch lets everybody through, in order and later, when its count is zero") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    std::optional<lull::latch> l(std::in_place, 3);
    lull::scope all;
    for (char name = 'a'; name <= 'c'; ++name) {
      all.spawn(wait_for_zero, std::ref(*l), std::ref(order), name);
    }
    co_await lull::yield();
    l->count_down();
    REQUIRE_FALSE(l->try_wait());
    co_await lull::yield();
    REQUIRE(order.empty());
    l->count_down(2);
    REQUIRE(l->try_wait());
    REQUIRE(order.empty());
    REQUIRE(co_await l->wait());
    REQUIRE(order.empty());  // that did not suspend
    l->count_down(0);
    l.reset();
    co_await all.join();
  });
  REQUIRE(order == "abc");
}

TEST_CASE("a latch of nothing is open from the start") {
  test::run_alone([]() -> lull::task<> {
    lull::latch l(0);
    REQUIRE(l.try_wait());
    REQUIRE(co_await l.wait());
  });
}

TEST_CASE("a stop ends the wait for a latch; one that was opened before has been seen") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::latch shut(1);
    lull::latch open(1);
    lull::scope all;
    all.spawn(wait_for_zero, std::ref(shut), std::ref(order), 'a');
    all.spawn(wait_for_zero, std::ref(open), std::ref(order), 'b');
    co_await lull::yield();
    open.count_down();
    all.request_stop();
    all.spawn(wait_for_zero, std::ref(shut), std::ref(order), 'c');
    all.spawn(wait_for_zero, std::ref(open), std::ref(order), 'd');
    co_await all.join();
  });
  REQUIRE(order == "b-a-cd");
}
