// SPDX-License-Identifier: MIT
#pragma once

// Times, and where the library reads them. A core reads its clock once an iteration, and now and
// then where much runs in one, and hands the value on; a test puts a manual_clock in its place and
// sets the time itself. Reading the real clock costs about 25 ns (vDSO). Any thread may read the
// real one; a manual clock belongs to the thread that drives.

#include <chrono>
#include <ratio>
#include <type_traits>
#include <utility>

namespace lull {

using nanoseconds = std::chrono::nanoseconds;
using time_point = std::chrono::steady_clock::time_point;

// How long, as a parameter or an option: of any unit, in whole nanoseconds. What those do not hold
// (300 years, or hours::max() for without limit) is the longest that they do, where the conversion
// to nanoseconds would wrap around. Costs nothing for constants, and two compares for other whole
// numbers.
class time_span : public nanoseconds {
 public:
  constexpr time_span() noexcept : nanoseconds(nanoseconds::zero()) {}
  template <class Rep, class Period>
  constexpr time_span(std::chrono::duration<Rep, Period> given) noexcept  // NOLINT: implicit
      : nanoseconds(nearest(given)) {}

 private:
  template <class Rep, class Period>
  static constexpr nanoseconds nearest(std::chrono::duration<Rep, Period> given) noexcept {
    using factor = std::ratio_divide<Period, std::nano>;
    if constexpr (std::is_integral_v<Rep> && factor::den == 1) {
      if (std::cmp_greater(given.count(), max().count() / factor::num)) return max();
      if (std::cmp_less(given.count(), min().count() / factor::num)) return min();
      return nanoseconds(static_cast<rep>(given.count()) * factor::num);
    } else {
      const std::chrono::duration<long double, std::nano> exact(given);
      if (exact >= max()) return max();
      if (!(exact > min())) return min();  // nor is it a number
      return std::chrono::duration_cast<nanoseconds>(exact);
    }
  }
};

// `duration` after `from`, or the end of time where that is earlier: waiting for ever is allowed.
constexpr time_point later(time_point from, time_span duration) noexcept {
  return duration > time_point::max() - from ? time_point::max() : from + duration;
}

// A clock as two words: what to call, and what to call it with.
struct time_source {
  time_point (*read)(const void*) noexcept = [](const void*) noexcept {
    return std::chrono::steady_clock::now();
  };
  const void* state = nullptr;

  time_point now() const noexcept { return read(state); }
};

// A clock that stands still until it is told to move.
class manual_clock {
 public:
  time_source source() const noexcept { return {&manual_clock::read, this}; }
  void advance(nanoseconds by) noexcept { now_ += by; }
  time_point now() const noexcept { return now_; }

 private:
  static time_point read(const void* self) noexcept {
    return static_cast<const manual_clock*>(self)->now_;
  }

  time_point now_{std::chrono::hours(1)};
};

}  // namespace lull
