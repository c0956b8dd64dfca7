// SPDX-License-Identifier: MIT
#pragma once

// Looks into a core that stands still: a signal makes the core's own thread write down which task
// it runs, where that was resumed, and its backtrace. Nothing of that could be read from another
// thread, for tasks come and go; and so it costs the core nothing as long as nobody asks.
//
// A core's thread makes one for itself. ask() is for any other thread, one at a time.

#include <pthread.h>

#include <array>
#include <cstdint>
#include <source_location>

#include "../base/clock.hpp"
#include "../base/inquiry.hpp"
#include "../reclaim/stall.hpp"
#include "core_context.hpp"

namespace lull::detail {

// As long as one lives, the process answers `signal` with a look at the core it interrupts; of
// several, of as many runtimes, the last one to go puts back what was before the first. Throws
// std::system_error for a number that is no signal.
class stall_signal {
 public:
  explicit stall_signal(int signal);
  ~stall_signal();
  stall_signal(const stall_signal&) = delete;
  stall_signal& operator=(const stall_signal&) = delete;

  int number() const noexcept { return signal_; }

 private:
  int signal_;
};

// What the kernel says of a thread of this process, by its gettid(): R where it runs, or would if
// it had a processor, S where it sleeps, and others (proc(5), stat). 0: it cannot be told.
char thread_state(int thread) noexcept;

class stall_probe {
 public:
  explicit stall_probe(core_context& mine) noexcept;
  ~stall_probe();
  stall_probe(const stall_probe&) = delete;
  stall_probe& operator=(const stall_probe&) = delete;

  // Adds task, task_at and calls to the report, if the thread answers within `patience` and was
  // still in `iteration` when it did. (The signal may end the system call that it was in, and so
  // the iteration, before this returns.)
  void ask(int signal, nanoseconds patience, std::uint64_t iteration, stall_report& into) noexcept;

  // gettid() of the core's thread.
  int thread() const noexcept { return number_; }

  // In the signal handler, on the core's thread.
  void answer() noexcept;

 private:
  core_context& core_;
  pthread_t thread_;
  int number_;

  inquiry inquiry_;
  std::uint64_t iteration_ = 0;
  std::array<char, 120> task_{};
  std::source_location task_at_{};
  std::array<void*, 19> calls_{};  // the handler's own too
};

}  // namespace lull::detail
