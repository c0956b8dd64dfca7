// SPDX-License-Identifier: MIT
#include <lull/sched/poll_policy.hpp>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("polling that never pays is given up, but for a try now and then") {
  lull::detail::poll_policy policy;
  int polled = 0;
  for (int i = 0; i < 3200; ++i) {
    if (policy.worthwhile()) {
      ++polled;
      policy.record(false);
    }
  }
  REQUIRE(polled >= 90);
  REQUIRE(polled <= 120);
}

TEST_CASE("polling comes back when it pays again") {
  lull::detail::poll_policy policy;
  for (int i = 0; i < 100; ++i) policy.record(false);
  int polled = 0;
  for (int i = 0; i < 1000; ++i) {
    if (policy.worthwhile()) {
      ++polled;
      policy.record(true);
    }
  }
  REQUIRE(polled > 800);
}
