// SPDX-License-Identifier: MIT
#include <lull/base/atomics.hpp>

#include <catch2/catch_test_macros.hpp>

#include <thread>
#include <type_traits>

TEST_CASE("outside of litmus programs the seam is the standard's atomic") {
  STATIC_REQUIRE(std::is_same_v<lull::detail::atomic<int>, std::atomic<int>>);
  CHECK(lull::detail::release == std::memory_order_release);
}

TEST_CASE("with a full fence between store and load one of two threads sees the other") {
  using namespace lull::detail;
  for (int round = 0; round < 2000; ++round) {
    atomic<int> mine{0};
    atomic<int> other{0};
    int seen_there = -1;
    std::thread thread([&] {
      other.store(1, relaxed);
      full_fence();
      seen_there = mine.load(relaxed);
    });
    mine.store(1, relaxed);
    full_fence();
    const int seen_here = other.load(relaxed);
    thread.join();
    REQUIRE(seen_here + seen_there >= 1);
  }
}
