// SPDX-License-Identifier: MIT
#pragma once

// Where a fixed number of tasks of one core meet, phase after phase: each that arrives waits until
// all have, and the last lets everybody go on. Core-affine: used on one core. The last to arrive
// does not suspend. (`barrier` is about reclamation: see grace_period.hpp.)

#include <cstddef>

#include "wait_node.hpp"

namespace lull {

class phase_barrier {
 public:
  explicit phase_barrier(std::size_t tasks) noexcept : expected_(tasks) {}
  phase_barrier(const phase_barrier&) = delete;
  phase_barrier& operator=(const phase_barrier&) = delete;
  ~phase_barrier() {
    LULL_ASSERT(waiting_.empty(),
                "a phase_barrier of %zu was destroyed while %zu wait for the others; join their "
                "scope first",
                expected_, arrived_);
  }

  class [[nodiscard]] arrive_awaiter : private detail::wait_node {
   public:
    explicit arrive_awaiter(phase_barrier& at) noexcept
        : wait_node(&arrive_awaiter::stopped), barrier_(at) {}
    bool await_ready() noexcept {
      LULL_ASSERT(barrier_.expected_ != 0,
                  "somebody arrives at a phase_barrier that expects nobody: all have dropped out; "
                  "make it with the number of all who arrive");
      if (barrier_.arrived_ + 1 != barrier_.expected_) return false;
      barrier_.end_phase();
      return granted_ = true;
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "phase_barrier::arrive_and_wait")) return stepped_back();
      barrier_.waiting_.push_back(*this);
      ++barrier_.arrived_;
      return true;
    }
    [[nodiscard]] bool await_resume() const noexcept { return granted_; }

   private:
    static void stopped(stop_hook& hook) noexcept {
      --static_cast<arrive_awaiter&>(hook).barrier_.arrived_;
      leave(hook);
    }

    phase_barrier& barrier_;
  };

  // co_await: true once all have arrived. False if a stop was asked for before, and then it is as
  // if it had not arrived: the others wait for it, or it drops out.
  arrive_awaiter arrive_and_wait() noexcept { return arrive_awaiter(*this); }
  // For one who comes no more: it is not waited for, in this phase and in those to come.
  void arrive_and_drop() noexcept {
    LULL_ASSERT(arrived_ < expected_,
                "somebody drops out of a phase_barrier that expects nobody else; make it with the "
                "number of all who arrive");
    --expected_;
    if (arrived_ == expected_) end_phase();
  }

 private:
  // Everybody who waits resumes, in order, in their turn of the run queue.
  void end_phase() noexcept {
    arrived_ = 0;
    grant_all(waiting_);
  }

  detail::intrusive_list<detail::wait_node> waiting_;
  std::size_t expected_;
  std::size_t arrived_ = 0;
};

}  // namespace lull
