// SPDX-License-Identifier: MIT
#pragma once
// What the schedulers that are compared offer: a table of loops, each of which does one thing so
// many times in the calling thread. What a scheduler lacks is null.

#include <cstddef>
#include <cstdint>
#include <string>

namespace lull::bench {

using loop = void (*)(std::size_t operations);

struct scheduler {
  const char* name = nullptr;      // null: not built in
  const char* package = nullptr;   // that it would take to build it in
  loop task = nullptr;             // created, awaited to its end, destroyed
  loop spawn = nullptr;            // started to run by itself and ended, a few at a time
  loop spawn_suspended = nullptr;  // the same, where all of them wait before the first ends
  loop resume = nullptr;           // resumed by hand until it suspends again
  loop alternate = nullptr;        // two that step back for each other, through the run queue
  loop mutex = nullptr;            // lock and unlock, a free one
  loop mutex_contended = nullptr;  // lock and unlock by two, each of which waits for the other
  loop channel_of_64 = nullptr;    // a value sent and received
  loop channel_of_1 = nullptr;
  loop timer_arm_cancel = nullptr;  // of a million timers, one after the other
  loop timer_arm_cancel_random = nullptr;
};

scheduler lull_scheduler();
scheduler bare_scheduler();  // coroutines with a pool, a queue and nothing else

// From here on the clock of lull's core stands still: its bound of time would see a machine fifty
// times slower under a tool that counts instructions. Before its first loop runs.
void stop_clock_of_lull();

// What a loop spawns before it waits for all of it.
constexpr std::size_t spawned_together = 64;

}  // namespace lull::bench
