// SPDX-License-Identifier: MIT
#include <lull/base/clock.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>

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

TEST_CASE("a time that nanoseconds do not hold became a negative one, and all was late at once") {
  using lull::nanoseconds;
  using lull::time_span;
  static_assert(time_span(std::chrono::seconds::max()) == nanoseconds::max());
  static_assert(time_span(std::chrono::hours::max()) == nanoseconds::max());
  static_assert(time_span(std::chrono::hours(24 * 365 * 300)) == nanoseconds::max());
  static_assert(time_span(std::chrono::minutes::min()) == nanoseconds::min());
  static_assert(time_span(std::chrono::duration<double>(1e300)) == nanoseconds::max());
  static_assert(time_span(std::chrono::duration<float>(-1e30F)) == nanoseconds::min());
  static_assert(time_span(std::chrono::duration<unsigned long long>(~0ULL)) == nanoseconds::max());
  static_assert(time_span(std::chrono::duration<std::int64_t, std::ratio<1, 60>>::max()) ==
                nanoseconds::max());
  // The last that is held, and the first that is not.
  static_assert(time_span(9'223'372'036s) == 9'223'372'036s);
  static_assert(time_span(9'223'372'037s) == nanoseconds::max());
  static_assert(time_span(-9'223'372'036s) == -9'223'372'036s);
  static_assert(time_span(-9'223'372'037s) == nanoseconds::min());
  CHECK(lull::later(lull::time_point(1h), std::chrono::hours::max()) == lull::time_point::max());
  CHECK(lull::later(lull::time_point(1h), std::chrono::minutes::min()) < lull::time_point());
}

TEST_CASE("a span of time is that of any unit, in nanoseconds") {
  using lull::time_span;
  static_assert(time_span() == 0ns);
  static_assert(time_span(5s) == 5s);
  static_assert(time_span(-3ms) == -3ms);
  static_assert(time_span(lull::nanoseconds::max()) == lull::nanoseconds::max());
  static_assert(time_span(std::chrono::duration<double>(0.25)) == 250ms);
  static_assert(time_span(std::chrono::duration<int>(7)) == 7s);
  static_assert(time_span(std::chrono::duration<std::int64_t, std::pico>(2'500)) == 2ns);
  static_assert(time_span(std::chrono::duration<int, std::ratio<1, 4>>(3)) == 750ms);
  const std::chrono::duration<double> no_number(std::numeric_limits<double>::quiet_NaN());
  CHECK(time_span(no_number) == lull::nanoseconds::min());
  const lull::nanoseconds plain = time_span(1us);
  CHECK(plain == 1'000ns);
}
