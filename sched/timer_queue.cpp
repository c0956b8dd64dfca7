// SPDX-License-Identifier: MIT
#include "timer_queue.hpp"

#include "../base/assert.hpp"

namespace lull::detail {

// Joins two heaps: the later root becomes the first child of the earlier.
timer_node* timer_queue::meld(timer_node* a, timer_node* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  timer_node* const earlier = b->when < a->when ? b : a;
  timer_node* const later = earlier == a ? b : a;
  later->previous = earlier;
  later->next = earlier->child;
  if (later->next != nullptr) later->next->previous = later;
  earlier->child = later;
  return earlier;
}

// The two passes of a pairing heap: neighbours left to right, then all of them right to left.
timer_node* timer_queue::merge_siblings(timer_node* first) noexcept {
  timer_node* pairs = nullptr;
  while (first != nullptr) {
    timer_node* const second = first->next;
    timer_node* const rest = second == nullptr ? nullptr : second->next;
    first->next = first->previous = nullptr;
    if (second != nullptr) second->next = second->previous = nullptr;
    timer_node* const pair = meld(first, second);
    pair->next = pairs;
    pairs = pair;
    first = rest;
  }
  timer_node* merged = nullptr;
  while (pairs != nullptr) {
    timer_node* const rest = pairs->next;
    pairs->next = pairs->previous = nullptr;
    merged = meld(merged, pairs);
    pairs = rest;
  }
  return merged;
}

void timer_queue::arm(timer_node& node, time_point when) noexcept {
  LULL_ASSERT(!node.armed, "a timer was armed twice; cancel it first");
  node.armed = true;
  node.when = when;
  node.child = node.next = node.previous = nullptr;
  root_ = meld(root_, &node);
}

void timer_queue::cancel(timer_node& node) noexcept {
  if (!node.armed) return;
  node.armed = false;
  timer_node* const orphans = merge_siblings(node.child);
  if (&node == root_) {
    root_ = orphans;
    return;
  }
  timer_node*& from_previous =
      node.previous->child == &node ? node.previous->child : node.previous->next;
  from_previous = node.next;
  if (node.next != nullptr) node.next->previous = node.previous;
  root_ = meld(root_, orphans);
}

void timer_queue::expire(time_point now) noexcept {
  while (root_ != nullptr && root_->when <= now) {
    timer_node& due = *root_;
    cancel(due);
    due.expired(due);
  }
}

}  // namespace lull::detail
