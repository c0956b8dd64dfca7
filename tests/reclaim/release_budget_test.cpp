// SPDX-License-Identifier: MIT
#include <lull/reclaim/release_budget.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>

#include "helpers.hpp"

using lull::detail::release_budget;
using lull::detail::release_pace;
using namespace std::chrono_literals;

namespace {
const int one_kind = 0;
const int another_kind = 0;
}  // namespace

TEST_CASE("a budget without time hands out all of its objects at once and reads no clock") {
  int reads = 0;
  const lull::time_source clock{[](const void* state) noexcept {
                                  ++*static_cast<int*>(const_cast<void*>(state));
                                  return lull::time_point{};
                                },
                                &reads};
  release_pace pace;
  release_budget budget(test::at_most(10), 100, pace, clock);
  CHECK(budget.next(100, &one_kind) == 10);
  CHECK(budget.next(3, &one_kind) == 3);
  CHECK(budget.spend(3));
  CHECK(budget.next(100, &one_kind) == 7);
  CHECK_FALSE(budget.spend(7));
  CHECK(budget.next(100, &one_kind) == 0);
  CHECK(reads == 0);
}

TEST_CASE("a budget ends with its time") {
  lull::manual_clock manual;
  const lull::time_source clock = manual.source();
  release_pace pace;
  release_budget budget({1000, 10us}, 1000, pace, clock);
  manual.advance(9us);
  CHECK(budget.spend(budget.next(1000, &one_kind)));
  manual.advance(1us);
  CHECK_FALSE(budget.spend(budget.next(1000, &one_kind)));
}

TEST_CASE("the pace grows while objects are cheap and shrinks when they are dear") {
  lull::manual_clock manual;
  const lull::time_source clock = manual.source();
  release_pace pace;
  {
    release_budget budget({100'000, 1s}, 100'000, pace, clock);
    for (int i = 0; i < 20; ++i) budget.spend(budget.next(100'000, &one_kind));
    CHECK(budget.next(100'000, &one_kind) == lull::limits::release_chunk);
  }
  release_budget budget({100'000, 1s}, 100'000, pace, clock);
  for (int i = 0; i < 20; ++i) {
    manual.advance(1ms);
    budget.spend(budget.next(100'000, &one_kind));
  }
  CHECK(budget.next(100'000, &one_kind) == 1);
}

TEST_CASE("what fits into one chunk is timed now and then, what does not always") {
  release_pace pace;
  pace.chunk = 8;
  int timed = 0;
  for (unsigned i = 0; i < 4 * lull::limits::untimed_releases; ++i) {
    timed += pace.asks_for_clock(8) ? 1 : 0;
  }
  CHECK(timed == 4);
  for (int i = 0; i < 40; ++i) CHECK(pace.asks_for_clock(9));
}

TEST_CASE("a kind that was not timed before is timed at once, one object first") {
  lull::manual_clock manual;
  const lull::time_source clock = manual.source();
  release_pace pace;
  {
    release_budget budget({1000, 10us}, 1000, pace, clock);
    for (int i = 0; i < 5; ++i) budget.spend(budget.next(1000, &one_kind));
  }
  release_budget budget({1000, 10us}, 2, pace, clock);
  CHECK(budget.next(2, &one_kind) == 2);
  CHECK(budget.next(2, &another_kind) == 1);
  manual.advance(10us);
  CHECK_FALSE(budget.spend(1));
}
