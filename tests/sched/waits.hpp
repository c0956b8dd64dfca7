// SPDX-License-Identifier: MIT
#pragma once

// Things to wait for, and a task that is watched from outside, for tests of what awaits in its own
// way.

#include <coroutine>
#include <optional>
#include <utility>

#include <lull/sched/core.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/task.hpp>

#include "helpers.hpp"

namespace test {

// co_await gate: until somebody opens it. Heeds no stop.
class gate {
 public:
  // A value: of an awaiter that a coroutine captured by reference gcc 12 makes a copy.
  class passage {
   public:
    explicit passage(gate& g) noexcept : gate_(g) {}
    bool await_ready() const noexcept { return gate_.open_; }
    void await_suspend(lull::detail::suspended who) noexcept {
      gate_.waiter_.is_for(who, "a gate");
    }
    void await_resume() const noexcept {}

   private:
    gate& gate_;
  };
  passage operator co_await() noexcept { return passage(*this); }

  void open() noexcept {
    if (std::exchange(open_, true) || !waiter_.coroutine) return;
    lull::detail::this_context("gate").ready.push(waiter_);
  }

 private:
  lull::detail::ready_node waiter_;
  bool open_ = false;
};

// Opens a gate in step two of an iteration: after coroutines have run, before timers expire.
struct opening : lull::detail::message {
  explicit opening(gate& g) noexcept : message(&opening::arrived), what(&g) {}
  static void arrived(message& self) noexcept { static_cast<opening&>(self).what->open(); }
  gate* what;
};

// A scope on a core, used from outside of its iterations.
class watched {
 public:
  explicit watched(driven_cores& cores, unsigned index = 0)
      : cores_(cores), core_(*cores.cores[index]) {
    const lull::core::inside here(core_);
    tasks_.emplace();
  }
  ~watched() {
    const lull::core::inside here(core_);
    tasks_.reset();
  }
  template <class F>
  void spawn(F&& f) {
    const lull::core::inside here(core_);
    tasks_->spawn(std::forward<F>(f));
  }
  void request_stop() {
    const lull::core::inside here(core_);
    tasks_->request_stop();
  }
  bool ended() const { return tasks_->size() == 0; }
  void finish() {
    cores_.turn_until([this] { return ended(); });
  }

 private:
  driven_cores& cores_;
  lull::core& core_;
  std::optional<lull::scope> tasks_;
};

// Whether the caller was asked to stop.
class asked_to_stop {
 public:
  asked_to_stop() noexcept = default;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(lull::detail::suspended who) noexcept {
    asked_ = who.stop() != nullptr && who.stop()->requested();
    return false;
  }
  bool await_resume() const noexcept { return asked_; }

 private:
  bool asked_ = false;
};

}  // namespace test
