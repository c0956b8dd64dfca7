// SPDX-License-Identifier: MIT
#pragma once
// What the schedulers that are compared offer: a table of loops, each of which does one thing so
// many times in the calling thread. What a scheduler lacks is null.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lull::bench {

using loop = void (*)(std::size_t operations);

using sleeps = std::vector<std::chrono::nanoseconds>;

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
  // Sleeps so long, all at once: CPU time of the thread, in ns; how late each came, in us.
  std::int64_t (*fire)(const sleeps& times) = nullptr;
  std::int64_t (*fire_coarse)(const sleeps& times) = nullptr;  // where a millisecond late will do
  std::vector<double> (*lateness)(const sleeps& times) = nullptr;
  // Bytes of the heap that so many suspended tasks take: spawned, and awaiting each other.
  std::size_t (*suspended_bytes)(std::size_t count) = nullptr;
  std::size_t (*awaiting_bytes)(std::size_t count) = nullptr;
};

scheduler lull_scheduler();
scheduler bare_scheduler();  // coroutines with a pool, a queue and nothing else
scheduler asio_scheduler();
scheduler libuv_scheduler();

void add_timers_of_lull(scheduler& lull);

// From here on the clock of lull's core stands still: its bound of time would see a machine fifty
// times slower under a tool that counts instructions. Before its first loop runs.
void stop_clock_of_lull();

// What a loop spawns before it waits for all of it.
constexpr std::size_t spawned_together = 64;

constexpr std::size_t timers_armed = 1'000'000;

// Numbers that are random enough and cost next to nothing.
inline std::uint32_t next_random() {
  static std::uint64_t state = 1;
  state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
  return static_cast<std::uint32_t>(state >> 32);
}

// In ms from now, where the peer counts those.
inline std::chrono::milliseconds within_an_hour() {
  return std::chrono::milliseconds(std::uint64_t{next_random()} * 3'600'000 >> 32);
}

// The timer loops, of a type that has armed a million when it is made. They stay armed between the
// loops.
template <class Timers>
Timers& armed() {
  static Timers all;
  return all;
}

template <class Timers>
void arm_again_in_order(std::size_t operations) {
  static std::size_t next = 0;
  Timers& all = armed<Timers>();
  for (std::size_t i = 0; i < operations; ++i) {
    all.arm_again(next);
    if (++next == timers_armed) next = 0;
  }
}

template <class Timers>
void arm_again_at_random(std::size_t operations) {
  Timers& all = armed<Timers>();
  for (std::size_t i = 0; i < operations; ++i) {
    all.arm_again(std::uint64_t{next_random()} * timers_armed >> 32);
  }
}

inline double microseconds_since(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - when).count();
}

}  // namespace lull::bench
