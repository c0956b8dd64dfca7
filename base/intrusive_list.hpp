// SPDX-License-Identifier: MIT
#pragma once

// A doubly linked list of nodes that their owners bring: linking cannot fail and allocates nothing,
// and a node leaves in constant time, also on destruction. One thread at a time; no atomics.

#include "assert.hpp"

namespace lull::detail {

class list_node {
 public:
  list_node() noexcept = default;
  list_node(const list_node&) = delete;
  list_node& operator=(const list_node&) = delete;
  ~list_node() {
    if (next_ != nullptr) [[unlikely]]
      leave();
  }

  bool is_linked() const noexcept { return next_ != nullptr; }

  void unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
  }

  // Takes the place of `other` in its list.
  void replace(list_node& other) noexcept {
    if (other.next_ == nullptr) return;
    link_before(*other.next_);
    other.unlink();
  }

 protected:
  void link_before(list_node& at) noexcept {
    LULL_ASSERT(next_ == nullptr, "a node was linked into a list while it is in one");
    next_ = &at;
    previous_ = at.previous_;
    previous_->next_ = this;
    at.previous_ = this;
  }

 private:
  template <class Node>
  friend class intrusive_list;

  // Of most that are destroyed nothing is left to unlink: this would only be in the way there.
  [[gnu::noinline]] void leave() noexcept { unlink(); }

  list_node* previous_ = nullptr;
  list_node* next_ = nullptr;
};

// Of nodes that derive from list_node. The list outlives what is linked, or is emptied first.
template <class Node>
class intrusive_list {
 public:
  intrusive_list() noexcept { ends_.previous_ = ends_.next_ = &ends_; }
  ~intrusive_list() {
    LULL_ASSERT(empty(), "a list is destroyed while something is linked into it");
    ends_.previous_ = ends_.next_ = nullptr;
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }
  Node& front() noexcept { return static_cast<Node&>(*ends_.next_); }

  void push_back(Node& node) noexcept { static_cast<list_node&>(node).link_before(ends_); }

  Node& pop_front() noexcept {
    Node& first = front();
    static_cast<list_node&>(first).unlink();
    return first;
  }

  // Appends all that the other list has, in constant time.
  void take_all(intrusive_list& other) noexcept {
    if (other.empty()) return;
    list_node& first = *other.ends_.next_;
    list_node& last = *other.ends_.previous_;
    other.ends_.previous_ = other.ends_.next_ = &other.ends_;
    first.previous_ = ends_.previous_;
    first.previous_->next_ = &first;
    last.next_ = &ends_;
    ends_.previous_ = &last;
  }

  // Calls `visit(node)` for each; it may unlink that node and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (list_node* at = ends_.next_; at != &ends_;) {
      list_node* after = at->next_;
      visit(static_cast<Node&>(*at));
      at = after;
    }
  }

 private:
  list_node ends_;
};

}  // namespace lull::detail
