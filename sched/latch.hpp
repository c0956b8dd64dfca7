// SPDX-License-Identifier: MIT
#pragma once

// A count that goes down to zero, once, and then lets everybody through who waits for that.
// Core-affine: used on one core. Counting costs a subtraction; waiting for what has come to zero
// suspends nobody. Whoever was let through touches the latch no more. It does not count up again:
// see phase_barrier for that, and scope for waiting until tasks have ended.

#include <cstddef>

#include "wait_node.hpp"

namespace lull {

class latch {
 public:
  explicit latch(std::size_t count) noexcept : left_(count) {}
  latch(const latch&) = delete;
  latch& operator=(const latch&) = delete;
  ~latch() {
    LULL_ASSERT(waiting_.empty(),
                "a latch was destroyed with %zu left to count, while tasks wait for it; count it "
                "down, or join their scope",
                left_);
  }

  class [[nodiscard]] wait_awaiter : private detail::wait_node {
   public:
    explicit wait_awaiter(latch& on) noexcept : latch_(on) {}
    bool await_ready() noexcept { return granted_ = latch_.try_wait(); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "latch::wait")) return stepped_back();
      latch_.waiting_.push_back(*this);
      return true;
    }
    bool await_resume() const noexcept { return granted_; }

   private:
    latch& latch_;
  };

  // co_await: true once the count is zero; false if a stop was asked for before.
  wait_awaiter wait() noexcept { return wait_awaiter(*this); }
  // Whether the count is zero.
  bool try_wait() const noexcept { return left_ == 0; }
  // At zero everybody who waits resumes, in order, in their turn of the run queue.
  void count_down(std::size_t by = 1) noexcept {
    LULL_ASSERT(by <= left_,
                "a latch with %zu left to count was counted down by %zu; make it with the number "
                "of all that count",
                left_, by);
    left_ -= by;
    if (left_ == 0) grant_all(waiting_);
  }

 private:
  detail::intrusive_list<detail::wait_node> waiting_;
  std::size_t left_;
};

}  // namespace lull
