// SPDX-License-Identifier: MIT
#pragma once

// What others hand to an owner: any thread pushes chains of nodes, the owner takes all at once, and
// closes it when it goes; whoever finds it closed keeps what it has. With no pop of single nodes
// nothing is ever compared with a node that was reused. A node has a plain pointer `next` of its
// own type. A push is one compare-exchange, taking one exchange. Where one owner follows another,
// each opens it with a number of its own: what is pushed for another number finds it closed, as
// long as there is nothing in it.
//
// | variable | written by            | read by               | pairings               |
// |----------|-----------------------|-----------------------|------------------------|
// | first_   | who pushes, the owner | the owner, who pushes | box_push with box_take |

#include <cstdint>

#include "atomics.hpp"

namespace lull::detail {

template <class Node>
class closable_stack {
 public:
  // Any thread: pushes a chain, `first` to `last`. False: it is closed, and the chain ends as
  // before.
  bool push(Node& first, Node& last, std::uint32_t owner = 1) noexcept {
    Node* seen = first_.load(relaxed);
    do {
      const bool was_empty = is_mark(seen);
      last.next = was_empty ? nullptr : seen;  // nor what lay there when another was quicker
      if (was_empty && seen != mark(owner)) return false;
      // order(box_push): release, pairs with the acquire in take, order(box_take): the owner sees
      // the nodes whole, and all that was done with them before.
    } while (!first_.compare_exchange_weak(seen, &first, release, relaxed));
    return true;
  }

  // A hint, unless the caller has a fence that pairs with one of who pushes.
  bool empty() const noexcept { return is_mark(first_.load(relaxed)); }

  // The owner: everything, the last pushed first.
  Node* take() noexcept { return leave(mark(owner_)); }

  // The owner. It is closed at first; close() gives what came to the last. 0 is nobody's number.
  void open(std::uint32_t owner = 1) noexcept {
    owner_ = owner;
    first_.store(mark(owner), relaxed);
  }
  Node* close() noexcept { return leave(mark(0)); }

 private:
  // What an empty stack holds: no node lies there.
  static Node* mark(std::uint32_t owner) noexcept {
    return reinterpret_cast<Node*>(std::uintptr_t{owner} << 1 | 1);
  }
  static bool is_mark(const Node* seen) noexcept {
    return (reinterpret_cast<std::uintptr_t>(seen) & 1) != 0;
  }

  Node* leave(Node* empty) noexcept {
    // order(box_take): acquire, pairs with the release in push (box_push).
    Node* const last = first_.exchange(empty, acquire);
    return is_mark(last) ? nullptr : last;
  }

  atomic<Node*> first_{mark(0)};
  std::uint32_t owner_ = 0;  // the owner's
};

}  // namespace lull::detail
