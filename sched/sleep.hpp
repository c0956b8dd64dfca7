// SPDX-License-Identifier: MIT
#pragma once

// Waiting for time to pass, and stepping back for others. Both suspend; core-affine; no allocation
// and no system call: a sleeping task is a node in its core's timer queue.

#include <coroutine>

#include "core_context.hpp"
#include "wait_node.hpp"

namespace lull {

// co_await sleep(d): resumes in the first iteration that begins after `d` has passed since
// now(), or a later one where more than limits::timers_at_a_time are due. Gives true, or false when
// a stop was asked for before.
class [[nodiscard]] sleep : private detail::timer_node, private detail::suspension {
 public:
  explicit sleep(time_span duration) noexcept
      : timer_node(&sleep::over), suspension(&sleep::stopped), duration_(duration) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(detail::suspended awaiting) noexcept { return begin(awaiting); }
  bool await_resume() const noexcept { return slept_; }

 private:
  bool begin(detail::suspended awaiting) noexcept;
  static void over(timer_node& timer) noexcept;
  static void stopped(detail::stop_hook& hook) noexcept;

  nanoseconds duration_;
  bool slept_ = false;
};

namespace detail {

// Whether it is time for others; a look at the clock.
bool budget_is_spent() noexcept;

}  // namespace detail

// Whether it is time for others: the iteration has had its time (core_options::time_per_iteration),
// or reclamation, past its soft budget, waits for this core to come to the end of it. For loops
// that may take long: a countdown, and a look at the clock and at who waits at the first call in a
// turn, then at every 64th, or sooner where those before took long.
inline bool should_yield() noexcept {
  detail::core_context& here = detail::this_context("should_yield");
  return --here.asks_left == 0 && detail::budget_is_spent();
}

// co_await yield(): lets everything that is ready now run first, of its own group; others have
// their shares.
class [[nodiscard]] yield {
 public:
  yield() noexcept = default;
  bool await_ready() const noexcept { return false; }
  void await_suspend(detail::suspended awaiting) noexcept {
    waiter_.is_for(awaiting, "yield");
    detail::this_context("yield").ready.push(waiter_);
  }
  void await_resume() const noexcept {}

 private:
  detail::ready_node waiter_;
};

// co_await yield_if_needed(): the same when should_yield(), else nothing.
class [[nodiscard]] yield_if_needed : public yield {
 public:
  yield_if_needed() noexcept = default;
  bool await_ready() const noexcept { return !should_yield(); }
};

}  // namespace lull
