// SPDX-License-Identifier: MIT
#pragma once

// A stack of what participants left behind. Pushed by one who leaves, taken whole by one who
// adopts: with no pop of single nodes nothing is ever compared with a node that was reused. A node
// has a plain pointer `next` of its own type. Any thread; one read-modify-write each.
//
// | variable | written by          | read by             | pairings                  |
// |----------|---------------------|---------------------|---------------------------|
// | head_    | who leaves, adopts  | who adopts          | orphan_push, orphan_take  |
// | count_   | the same            | statistics          | none                      |

#include <cstddef>

#include "../base/atomics.hpp"

namespace lull::detail {

template <class Node>
class orphan_stack {
 public:
  void push(Node& node) noexcept {
    count_.fetch_add(1, relaxed);
    Node* head = head_.load(relaxed);
    do {
      node.next = head;
      // order(orphan_push): release, pairs with the acquire in take, order(orphan_take): the
      // adopter sees the limbo and its tags whole, and what the one who left did before.
    } while (!head_.compare_exchange_weak(head, &node, release, relaxed));
  }

  // All of them, the last pushed first; null when there are none.
  Node* take() noexcept {
    // order(orphan_take): acquire, pairs with the release in push (orphan_push).
    Node* all = head_.exchange(nullptr, acquire);
    std::size_t taken = 0;
    for (const Node* node = all; node != nullptr; node = node->next) ++taken;
    if (taken != 0) count_.fetch_sub(taken, relaxed);
    return all;
  }

  // A hint unless the caller fenced after its slot store: see participant::adopt.
  bool empty() const noexcept { return head_.load(relaxed) == nullptr; }

  std::size_t size() const noexcept { return count_.load(relaxed); }

 private:
  atomic<Node*> head_{nullptr};
  atomic<std::size_t> count_{0};
};

}  // namespace lull::detail
