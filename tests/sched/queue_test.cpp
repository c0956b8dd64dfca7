// SPDX-License-Identifier: MIT
#include <lull/sched/queue.hpp>

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

lull::task<> pop_and_note(lull::queue<char>& from, std::string& order) {
  const auto value = co_await from.pop();
  order += value.value_or('.');
}

}  // namespace

TEST_CASE("a queue takes whatever comes and gives it in order, without a suspension") {
  test::run_alone([]() -> lull::task<> {
    lull::queue<std::unique_ptr<int>> q;
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(q.empty());
    REQUIRE_FALSE(q.try_pop());
    int pushed = 0;
    int popped = 0;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 7; ++i) q.push(std::make_unique<int>(pushed++));
      for (int i = 0; i < 3; ++i) REQUIRE(**q.try_pop() == popped++);
      auto value = co_await q.pop();
      REQUIRE(**value == popped++);
    }
    REQUIRE(q.size() == 20 * 3);
    while (const auto value = q.try_pop()) REQUIRE(**value == popped++);
    REQUIRE(popped == pushed);
    q.push(std::make_unique<int>(1));  // destroyed with it
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("those who wait for a queue are handed values in their order, before they resume") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::queue<char> q;
    lull::scope all;
    for (int i = 0; i < 3; ++i) all.spawn(pop_and_note, std::ref(q), std::ref(order));
    co_await lull::yield();
    for (const char value : {'a', 'b', 'c', 'd'}) q.push(value);
    REQUIRE(order.empty());
    REQUIRE(q.size() == 1);
    REQUIRE(q.try_pop() == 'd');
    co_await all.join();
  });
  REQUIRE(order == "abc");
}

TEST_CASE("who is stopped takes nothing from a queue; what it was given before it has") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::queue<char> q;
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(pop_and_note, std::ref(q), std::ref(order));
    stopped.spawn(pop_and_note, std::ref(q), std::ref(order));
    others.spawn(pop_and_note, std::ref(q), std::ref(order));
    co_await lull::yield();
    q.push('a');
    stopped.request_stop();
    q.push('b');
    co_await stopped.join();
    co_await others.join();
    REQUIRE(order == "a.b");
    stopped.spawn(pop_and_note, std::ref(q), std::ref(order));
    co_await stopped.join();
    q.push('c');
    stopped.spawn(pop_and_note, std::ref(q), std::ref(order));
    co_await stopped.join();
  });
  REQUIRE(order == "a.b.c");
}
