// SPDX-License-Identifier: MIT
#pragma once

// Coroutines of one core that can run, oldest first. Intrusive: whoever waits brings the node,
// so making a coroutine ready cannot fail and allocates nothing. Core-local; no atomics.

#include <coroutine>
#include <cstdint>

#include "../base/assert.hpp"
#include "coroutine_state.hpp"

namespace lull::detail {

// A place in the queue. Lives in the awaiter, in the frame of the suspended coroutine. Who links
// it elsewhere by `next` sets that back.
struct ready_node {
  std::coroutine_handle<> coroutine;
  coroutine_state* state = nullptr;  // null: not a coroutine of ours
  ready_node* next = in_no_queue();

  // Nothing lies there.
  static ready_node* in_no_queue() noexcept {
    return reinterpret_cast<ready_node*>(std::uintptr_t{1});
  }

  // `awaits` says what for, a literal, in lists of tasks.
  void is_for(suspended who, const char* awaits) noexcept {
    coroutine = who.coroutine;
    state = who.state;
    if (state != nullptr) state->awaits(awaits);
  }
  // For one that has not begun.
  void starts(std::coroutine_handle<> what, coroutine_state& its) noexcept {
    coroutine = what;
    state = &its;
  }
};

class ready_queue {
 public:
  ready_queue() noexcept = default;
  ready_queue(const ready_queue&) = delete;
  ready_queue& operator=(const ready_queue&) = delete;

  bool empty() const noexcept { return first_ == nullptr; }

  void push(ready_node& node) noexcept {
    LULL_ASSERT(node.next == ready_node::in_no_queue(),
                "a coroutine was made ready twice; one await is resumed once");
    node.next = nullptr;
    *end_ = &node;
    end_ = &node.next;
  }

  // Calls `visit(node)` for each, oldest first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const ready_node* node = first_; node != nullptr; node = node->next) visit(*node);
  }

  // The oldest, taken out. The queue is not empty.
  ready_node& pop() noexcept {
    ready_node& node = *first_;
    first_ = node.next;
    if (first_ == nullptr) {
      end_ = &first_;
    } else {
      // Of many tasks the frame of the next is in no cache near by; it is on its way meanwhile.
      __builtin_prefetch(first_->coroutine.address());
    }
    node.next = ready_node::in_no_queue();
    return node;
  }

 private:
  ready_node* first_ = nullptr;
  ready_node** end_ = &first_;  // where the next is noted
};

}  // namespace lull::detail
