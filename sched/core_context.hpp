// SPDX-License-Identifier: MIT
#pragma once

// What coroutines need of the core they run on: frame memory, the queue of those that can run,
// timers, the way into the ring, the time of this iteration. The part of a core that templates see;
// everything else is core.hpp. A thread-local names that of the thread.

#include "../base/clock.hpp"
#include "../reclaim/participant.hpp"
#include "frame_pool.hpp"
#include "frame_report.hpp"
#include "run_queue.hpp"
#include "submitter.hpp"
#include "task_record.hpp"
#include "timer_queue.hpp"

namespace lull {

class core;

namespace detail {

class offload_pool;
class stall_probe;

struct core_context {
  explicit core_context(const std::vector<task_group>& groups) : ready(groups) {}

  frame_pool frames;
  frame_report frame_sizes;  // counts in checked builds
  run_queue ready;
  task_list tasks;
  timer_queue timers;
  submitter_queue submitters{*this};
  lull::ring* ring = nullptr;
  time_point now{};  // read when the iteration began, or later in it
  unsigned index = 0;
  unsigned refusals = 0;   // of awaits, in this turn of a coroutine
  unsigned asks_left = 1;  // calls of should_yield() before the next looks at the clock

  // What the core waits for, besides its tasks, before it ends: operations that finish by
  // themselves.
  unsigned background = 0;
  bool ends = false;                           // no task is left, and it waits for those alone
  nanoseconds end_limit = nanoseconds::max();  // and what depends on a peer gets no longer for it
  // Who looks into this core when it stands still, if anybody.
  stall_probe* probe = nullptr;
  // The threads of the runtime for what blocks; null where there is no runtime.
  offload_pool* offloads = nullptr;
  // Asks the runtime to stop; null likewise.
  void (*stop_runtime)(void* runtime) noexcept = nullptr;
  void* runtime = nullptr;
  // The io layer's part of a core, made on first use, and how it is taken down.
  void* io = nullptr;
  void (*io_end)(core_context&) noexcept = nullptr;
  // Tells it that `ends` has come true.
  void (*io_hurry)(core_context&) noexcept = nullptr;

  // The running core's, or null on a thread that is none.
  static core_context* current() noexcept {
    return static_cast<core_context*>(detail::current_context);
  }
  bool is_current() const noexcept { return current() == this; }
};

// Stops the program: `what` was called where no core is.
[[noreturn, gnu::cold]] void no_core(const char* what) noexcept;

// Stops the program when the caller is not a core: `what` says what was called.
inline core_context& this_context(const char* what) noexcept {
  core_context* const here = core_context::current();
  if (here == nullptr) [[unlikely]]
    no_core(what);
  return *here;
}

inline void* take_frame(std::size_t bytes) {
  if (core_context* const here = core_context::current()) return here->frames.allocate(bytes);
  return frame_pool::allocate_outside(bytes);
}

inline void give_frame_back(void* memory, std::size_t bytes) noexcept {
  if (core_context* const here = core_context::current()) {
    here->frames.deallocate(memory, bytes);
  } else {
    frame_pool::deallocate_outside(memory, bytes);
  }
}

// The same, but not inline: whether frames are pooled is as the library was built, and a program
// may be built with AddressSanitizer where the library is not.
void* take_frame_of_library(std::size_t bytes);
void give_frame_to_library(void* memory, std::size_t bytes) noexcept;

inline void* allocate_frame(std::size_t bytes) {
#if defined(LULL_ADDRESS_SANITIZER)
  return take_frame_of_library(bytes);
#else
  return take_frame(bytes);
#endif
}

inline void deallocate_frame(void* memory, std::size_t bytes) noexcept {
#if defined(LULL_ADDRESS_SANITIZER)
  give_frame_to_library(memory, bytes);
#else
  give_frame_back(memory, bytes);
#endif
}

}  // namespace detail

// The index of the core that runs the caller, from 0. Stops the program on other threads.
inline unsigned this_core() noexcept { return detail::this_context("this_core()").index; }

// The time as the core has read it last, when this iteration began or, where much runs in it,
// since: costs a load, and stands still between two suspensions of a coroutine.
inline time_point now() noexcept { return detail::this_context("now()").now; }

}  // namespace lull
