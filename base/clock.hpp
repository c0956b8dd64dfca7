// SPDX-License-Identifier: MIT
#pragma once

// Where the library reads time. A core reads its clock once an iteration and hands the value on; a
// test puts a manual_clock in its place and sets the time itself. Reading the real clock costs
// about 25 ns (vDSO). Any thread may read the real one; a manual clock belongs to the thread that
// drives.

#include <chrono>

namespace lull {

using nanoseconds = std::chrono::nanoseconds;
using time_point = std::chrono::steady_clock::time_point;

// `duration` after `from`, or the end of time where that is earlier: waiting for ever is allowed.
constexpr time_point later(time_point from, nanoseconds duration) noexcept {
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
