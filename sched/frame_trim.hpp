// SPDX-License-Identifier: MIT
#pragma once

// Gives the heap back what a core's frames do not need any more: after a burst of tasks the pool
// keeps its memory for the next one, and what nobody has needed for a while goes, 16 MiB at a time.
// A timer of the core, so that a core that sleeps does it too; armed only while there is something
// to give. Core-local.

#include "frame_pool.hpp"
#include "timer_queue.hpp"

namespace lull::detail {

class frame_trim : private timer_node {
 public:
  static constexpr nanoseconds unneeded_for = std::chrono::milliseconds(100);

  explicit frame_trim(frame_pool& frames) noexcept
      : timer_node(&frame_trim::due), frames_(frames) {}

  // Once an iteration.
  void look(timer_queue& timers, time_point now) noexcept {
    if (frames_.has_excess() && !armed) timers.arm(*this, later(now, unneeded_for));
  }

 private:
  static void due(timer_node& self) noexcept {
    static_cast<frame_trim&>(self).frames_.trim_unneeded();
  }

  frame_pool& frames_;
};

}  // namespace lull::detail
