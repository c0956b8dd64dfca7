// SPDX-License-Identifier: MIT
#pragma once

// Short words for schedules that are driven by hand, all participants in one thread.

#include <chrono>
#include <cstddef>

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

namespace test {

// An object that says when it is released.
struct tracked {
  explicit tracked(bool& gone) noexcept : gone_(&gone) { gone = false; }
  ~tracked() { *gone_ = true; }
  bool* gone_;
};

// An object that counts releases.
struct counted {
  explicit counted(std::size_t& released) noexcept : released_(&released) {}
  ~counted() { ++*released_; }
  std::size_t* released_;
};

// The calling thread plays this participant while it lives.
class playing {
 public:
  explicit playing(lull::participant& who) noexcept
      : before_(lull::participant::set_current(&who)) {}
  ~playing() { lull::participant::set_current(before_); }
  playing(const playing&) = delete;
  playing& operator=(const playing&) = delete;

 private:
  lull::participant* before_;
};

inline constexpr std::chrono::nanoseconds without_clock = std::chrono::nanoseconds::max();

// So many objects at most, whatever time it takes.
inline lull::release_bound at_most(std::size_t objects) noexcept {
  return {objects, without_clock};
}

// Drives until nothing is left, or until this participant clearly can do no more by itself.
inline bool drive_to_the_end(lull::participant& who) noexcept {
  for (int calls = 0; calls < 1000; ++calls) {
    if (who.drive()) return true;
  }
  return false;
}

// Everybody named passes enough quiescent states for one grace period and the releases after it.
template <class... Participants>
void pass_grace_period(Participants&... all) noexcept {
  for (int round = 0; round < 8; ++round) (all.quiescent(at_most(1'000'000)), ...);
}

}  // namespace test
