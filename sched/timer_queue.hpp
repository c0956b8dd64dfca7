// SPDX-License-Identifier: MIT
#pragma once

// The timers of one core, in order of expiry: a pairing heap of nodes that their owners bring, so
// arming cannot fail and allocates nothing. Arming is a few stores; cancelling a timer that never
// came near the front likewise; taking the earliest is logarithmic, amortised. Core-local.

#include "../base/clock.hpp"

namespace lull::detail {

struct timer_node {
  using function = void (*)(timer_node&) noexcept;

  explicit timer_node(function f) noexcept : expired(f) {}
  timer_node(const timer_node&) = delete;
  timer_node& operator=(const timer_node&) = delete;

  function expired;  // called with the node already out of the queue; resumes nothing
  time_point when{};
  timer_node* child = nullptr;     // first of those that expire later
  timer_node* next = nullptr;      // next sibling
  timer_node* previous = nullptr;  // previous sibling, or the parent of a first child
  bool armed = false;
};

class timer_queue {
 public:
  bool empty() const noexcept { return root_ == nullptr; }
  // The earliest; the queue is not empty.
  time_point earliest() const noexcept { return root_->when; }

  // Timers of one and the same time expire in no promised order.
  void arm(timer_node& node, time_point when) noexcept;
  void cancel(timer_node& node) noexcept;
  // Calls `expired` of every timer due at `now`, earliest first.
  void expire(time_point now) noexcept;

 private:
  static timer_node* meld(timer_node* a, timer_node* b) noexcept;
  static timer_node* merge_siblings(timer_node* first) noexcept;

  timer_node* root_ = nullptr;
};

}  // namespace lull::detail
