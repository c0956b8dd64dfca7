// SPDX-License-Identifier: MIT
#pragma once

// What a core has done so far. Written by the core with relaxed stores, readable from any thread at
// any time: each figure is exact for some moment, not all for the same one.

#include <array>
#include <cstdint>

#include "../base/clock.hpp"
#include "../base/limits.hpp"

namespace lull {

struct core_statistics {
  std::uint64_t iterations = 0;
  std::uint64_t resumes = 0;       // coroutines resumed from the run queue
  std::uint64_t enters = 0;        // system calls into the ring
  std::uint64_t completions = 0;   // completions handed out
  std::uint64_t polls = 0;         // times it looked at memory before it would sleep
  std::uint64_t polls_paid = 0;    // ... and something came
  std::uint64_t sleeps = 0;        // times it blocked in the kernel
  std::uint64_t messages = 0;      // messages taken from the inbox
  std::uint64_t wakeups_sent = 0;  // sleeping cores woken
  // The time that each group of tasks has had, with several; measured whenever the turn changes.
  std::array<nanoseconds, limits::task_groups> group_time{};
};

}  // namespace lull
