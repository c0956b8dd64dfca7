// SPDX-License-Identifier: MIT
#include <lull/base/clock.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;

TEST_CASE("the ordinary clock does not go back") {
  const lull::time_source clock;
  const lull::time_point first = clock.now();
  CHECK(clock.now() >= first);
}

TEST_CASE("a manual clock stands still until it is moved") {
  lull::manual_clock manual;
  const lull::time_source clock = manual.source();
  const lull::time_point first = clock.now();
  CHECK(clock.now() == first);
  manual.advance(5us);
  CHECK(clock.now() == first + 5us);
  CHECK(manual.now() == first + 5us);
}
