// SPDX-License-Identifier: MIT
#pragma once

// A doubly linked list of nodes that their owners bring: linking cannot fail and allocates nothing,
// and a node leaves in constant time, also on destruction. What is in several lists at a time has a
// place in each, told apart by List, any type. One thread at a time; no atomics.

#include "assert.hpp"

namespace lull::detail {

template <class List>
class list_place {
 public:
  list_place() noexcept = default;
  list_place(const list_place&) = delete;
  list_place& operator=(const list_place&) = delete;
  ~list_place() {
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
  void replace(list_place& other) noexcept {
    if (other.next_ == nullptr) return;
    link_before(*other.next_);
    other.unlink();
  }

 protected:
  void link_before(list_place& at) noexcept {
    LULL_ASSERT(next_ == nullptr, "a node was linked into a list while it is in one");
    next_ = &at;
    previous_ = at.previous_;
    previous_->next_ = this;
    at.previous_ = this;
  }

 private:
  template <class Node, class In>
  friend class intrusive_list;

  // Of most that are destroyed nothing is left to unlink: this would only be in the way there.
  [[gnu::noinline]] void leave() noexcept { unlink(); }

  list_place* previous_ = nullptr;
  list_place* next_ = nullptr;
};

using list_node = list_place<void>;

// Of nodes that derive from list_place<List>. The list outlives what is linked, or is emptied
// first.
template <class Node, class List = void>
class intrusive_list {
  using place = list_place<List>;

 public:
  intrusive_list() noexcept { ends_.previous_ = ends_.next_ = &ends_; }
  ~intrusive_list() {
    LULL_ASSERT(empty(), "a list is destroyed while something is linked into it");
    ends_.previous_ = ends_.next_ = nullptr;
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }
  Node& front() noexcept { return static_cast<Node&>(*ends_.next_); }

  void push_back(Node& node) noexcept { static_cast<place&>(node).link_before(ends_); }

  Node& pop_front() noexcept {
    Node& first = front();
    static_cast<place&>(first).unlink();
    return first;
  }

  // Appends all that the other list has, in constant time.
  void take_all(intrusive_list& other) noexcept { take_all_before(ends_, other); }
  // Puts it in front.
  void take_all_first(intrusive_list& other) noexcept { take_all_before(*ends_.next_, other); }

  // Calls `visit(node)` for each; it may unlink that node and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (place* at = ends_.next_; at != &ends_;) {
      place* after = at->next_;
      visit(static_cast<Node&>(*at));
      at = after;
    }
  }

 private:
  static void take_all_before(place& at, intrusive_list& other) noexcept {
    if (other.empty()) return;
    place& first = *other.ends_.next_;
    place& last = *other.ends_.previous_;
    other.ends_.previous_ = other.ends_.next_ = &other.ends_;
    first.previous_ = at.previous_;
    first.previous_->next_ = &first;
    last.next_ = &at;
    at.previous_ = &last;
  }

  place ends_;
};

}  // namespace lull::detail
