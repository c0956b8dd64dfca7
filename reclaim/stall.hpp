// SPDX-License-Identifier: MIT
#pragma once

// Reports of who holds up a domain: a participant that has limbo and finds the same other one in
// the way for longer than a threshold says which, since when, why as far as it can be seen (a pin,
// with the place that took it; the task that runs, through the scheduler's hook), and how many
// bytes wait on it and where. A scheduler that sees one of its threads stand still reports it by
// domain::report_stall, so there is one report for both. At most one an interval for each
// participant that is in the way, whoever sees it. Looking costs a read of the clock every
// limits::blocked_turns quiescent states in vain.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include "../base/clock.hpp"

namespace lull {

struct stall_report {
  std::uint32_t participant = 0;  // label of the one in the way
  const void* place = nullptr;    // its participant::place()
  std::uint64_t epoch = 0;        // that it announced last, and is held up; 0: it is offline
  nanoseconds lasted{};           // since the reporter first found it in the way

  std::size_t pins = 0;  // of that participant, when the report was made
  std::source_location pinned_at{};
  nanoseconds pinned{};  // how long the oldest has been there

  // Filled in by the scheduler's hook: what it calls the one in the way, with the label behind it.
  const char* noun = "participant";
  // Empty where there is no such hook, or no task runs.
  std::array<char, 120> task{};    // its name, cut to fit, with a 0 behind it
  std::source_location task_at{};  // the co_await behind which it runs
  nanoseconds running{};           // how long its iteration has taken, at least
  int asleep_in_thread = 0;        // gettid() of a thread that should be awake, and is not; or 0
  bool lacks_processor = false;    // that one would run if it had a processor
  std::array<void*, 16> calls{};   // its thread's backtrace, innermost first; null behind the last

  std::uint32_t reporter = 0;  // label of the one that waits and noticed
  std::size_t bytes = 0;       // in limbo, all together
  std::size_t objects = 0;
  struct share {
    std::uint32_t participant = 0;
    std::size_t bytes = 0;
  };
  std::array<share, 8> where{};  // who has most of them, in that order; 0 bytes: nobody
};

struct stall_watch {
  time_span threshold = std::chrono::seconds(1);
  time_span interval = std::chrono::seconds(10);  // between two reports about one participant

  // Called by the participant that waits, in a quiescent state, or by whoever calls report_stall
  // (a runtime has a thread for that), by several at once perhaps: it must not block for long, and
  // what it is given is good until it returns. Null: one line on stderr, as print_stall does.
  void (*report)(void* context, const stall_report& what) noexcept = nullptr;
  void* report_context = nullptr;

  // The scheduler's: adds what it knows of the participant in the way. It must read nothing that
  // could go away meanwhile.
  void (*describe)(void* context, stall_report& report) noexcept = nullptr;
  void* describe_context = nullptr;
};

// One readable line on stderr, and one with the backtrace if there is one.
void print_stall(const stall_report& what) noexcept;

}  // namespace lull
