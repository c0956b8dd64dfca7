// SPDX-License-Identifier: MIT
#pragma once

// What others hand to an owner: any thread pushes chains of nodes, the owner takes all at once, and
// closes it when it goes; whoever finds it closed keeps what it has. With no pop of single nodes
// nothing is ever compared with a node that was reused. A node has a plain pointer `next` of its
// own type. A push is one compare-exchange, taking one exchange.
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
  bool push(Node& first, Node& last) noexcept {
    Node* seen = first_.load(relaxed);
    do {
      if (seen == closed()) {
        last.next = nullptr;  // not what lay there when another was quicker
        return false;
      }
      last.next = seen;
      // order(box_push): release, pairs with the acquire in take, order(box_take): the owner sees
      // the nodes whole, and all that was done with them before.
    } while (!first_.compare_exchange_weak(seen, &first, release, relaxed));
    return true;
  }

  // A hint, unless the caller has a fence that pairs with one of who pushes.
  bool empty() const noexcept {
    const Node* seen = first_.load(relaxed);
    return seen == nullptr || seen == closed();
  }

  // The owner: everything, the last pushed first.
  Node* take() noexcept {
    // order(box_take): acquire, pairs with the release in push (box_push).
    return first_.exchange(nullptr, acquire);
  }

  // The owner. It is closed at first; close() gives what came to the last.
  void open() noexcept { first_.store(nullptr, relaxed); }
  Node* close() noexcept {
    // order(box_take): acquire, pairs with the release in push (box_push).
    Node* const last = first_.exchange(closed(), acquire);
    return last == closed() ? nullptr : last;
  }

 private:
  // No node lies there.
  static Node* closed() noexcept { return reinterpret_cast<Node*>(std::uintptr_t{1}); }

  atomic<Node*> first_{closed()};
};

}  // namespace lull::detail
