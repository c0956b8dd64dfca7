// SPDX-License-Identifier: MIT
#include <lull/sched/async_generator.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::async_generator<int> count_to(int end) {
  for (int i = 0; i < end; ++i) co_yield i;
}
lull::async_generator<std::int64_t> ones(int count) {
  for (int i = 0; i < count; ++i) co_yield 1;
}
lull::async_generator<std::string> words() {
  std::string own = "a variable of its own, too long for the small buffer";
  co_yield own;
  co_await lull::yield();
  co_yield own + ", changed";
  const std::string constant = "a constant, too long for the small buffer of a string";
  co_yield constant;
  co_yield "a literal";
}
lull::async_generator<int> then_fail(int after) {
  for (int i = 0; i < after; ++i) co_yield i;
  co_await lull::yield();
  throw std::runtime_error("out of values");
}
lull::async_generator<int> holding(std::shared_ptr<int> held) {
  for (;;) {
    co_yield *held;
    co_await lull::yield();
  }
}
// A value each time it has slept, until it is stopped.
lull::async_generator<int> ticks() {
  for (int i = 0;; ++i) {
    const bool slept = co_await lull::sleep(10ms);
    if (!slept) co_return;
    co_yield i;
  }
}

}  // namespace

TEST_CASE("a generator gives its values in turn, then null for ever") {
  test::run_alone([]() -> lull::task<> {
    auto numbers = count_to(3);
    std::vector<int> seen;
    while (const int* one = co_await numbers.next()) seen.push_back(*one);
    REQUIRE(seen == std::vector<int>{0, 1, 2});
    const int* after = co_await numbers.next();
    REQUIRE(after == nullptr);
    auto none = count_to(0);
    const int* first = co_await none.next();
    REQUIRE(first == nullptr);
  });
}

TEST_CASE("variables, temporaries and constants are yielded, and may be moved from") {
  test::run_alone([]() -> lull::task<> {
    auto all = words();
    std::vector<std::string> seen;
    while (std::string* one = co_await all.next()) seen.push_back(*one);
    REQUIRE(seen.size() == 4);
    REQUIRE(seen[0] == "a variable of its own, too long for the small buffer");
    REQUIRE(seen[1] == seen[0] + ", changed");
    REQUIRE(seen[2] == "a constant, too long for the small buffer of a string");
    REQUIRE(seen[3] == "a literal");
    auto moved = words();
    std::string* const one = co_await moved.next();
    const std::string taken = std::move(*one);
    REQUIRE(taken == seen[0]);
  });
}

TEST_CASE("what a generator throws comes out of next, once") {
  test::run_alone([]() -> lull::task<> {
    auto numbers = then_fail(2);
    int seen = 0;
    std::string what;
    try {
      while (co_await numbers.next() != nullptr) ++seen;
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    REQUIRE(seen == 2);
    REQUIRE(what == "out of values");
    const int* after = co_await numbers.next();
    REQUIRE(after == nullptr);
  });
}

TEST_CASE("a generator dropped at a co_yield, or before its start, destroys what it holds") {
  test::run_alone([]() -> lull::task<> {
    auto held = std::make_shared<int>(7);
    {
      auto dropped = holding(held);
      const int* first = co_await dropped.next();
      const int* second = co_await dropped.next();
      REQUIRE((*first == 7 && second != nullptr));
      REQUIRE(held.use_count() == 2);
    }
    REQUIRE(held.use_count() == 1);
    {
      auto never_started = holding(held);
      auto moved = std::move(never_started);
      moved = holding(held);
      REQUIRE(held.use_count() == 2);
    }
    REQUIRE(held.use_count() == 1);
  });
}

TEST_CASE("a stop asked of whoever asks for more reaches what the generator awaits") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  int seen = 0;
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    auto all = ticks();
    while (co_await all.next() != nullptr) ++seen;
    ended = true;
  });
  cores.turn();
  for (int i = 0; i < 3; ++i) {
    cores.clock.advance(10ms);
    cores.turn();
    cores.turn();
  }
  REQUIRE(seen == 3);
  tasks.request_stop();
  tasks.finish();
  REQUIRE(ended);
}

TEST_CASE("each next may have a limit of its own, and different tasks may ask in turn") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string seen;
  tasks.spawn([&]() -> lull::task<> {
    auto all = ticks();
    const auto in_time = co_await lull::timeout(1h, all.next());
    if (in_time && **in_time == 0) seen += 'a';
    lull::scope other;
    other.spawn([&]() -> lull::task<> {
      const int* one = co_await all.next();
      if (*one == 1) seen += 'b';
    });
    co_await other.join();
    const int* two = co_await all.next();
    if (*two == 2) seen += 'c';
    const auto late = co_await lull::timeout(5ms, all.next());
    if (late.timed_out() && *late == nullptr) seen += 'd';
  });
  cores.turn_until([&] {
    cores.clock.advance(1ms);
    return tasks.ended();
  });
  REQUIRE(seen == "abcd");
}

TEST_CASE("a million values take no stack") {
  test::run_alone([]() -> lull::task<> {
    auto all = ones(1'000'000);
    std::int64_t sum = 0;
    while (const std::int64_t* one = co_await all.next()) sum += *one;
    REQUIRE(sum == 1'000'000);
  });
}
