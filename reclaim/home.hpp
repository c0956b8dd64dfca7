// SPDX-License-Identifier: MIT
#pragma once

// What goes home to be released: the box in which a participant receives objects that it made and
// others retired, and the count of those that somebody has sent and that are not yet released.
// Objects arrive past their grace period, with nobody holding them: the owner of the box may
// release them at once. A batch costs one compare-exchange to send and one exchange to take.
//
// | variable    | written by   | read by  | pairings    |
// |-------------|--------------|----------|-------------|
// | released[i] | who releases | who sent | home_return |
//
// That the owner looks, order(home_push): who sends fences after the push, reads the epoch, and
// sees to it that the epoch moves past what it read. The owner looks after it has announced and
// fenced, as for orphans.
//
// That nothing comes to one who has joined where the home has left: an empty box names its owner's
// incarnation. One that is not empty holds what this owner made, past its grace period; and whoever
// was online through that knows the incarnation.

#include <cstddef>
#include <cstdint>

#include "../base/atomics.hpp"
#include "../base/closable_stack.hpp"
#include "retirable.hpp"

namespace lull::detail {

struct slot;

using home_box = closable_stack<retirable_base>;

// Objects that were sent home and are not released: in two classes, so that a barrier can wait for
// what was sent before it while more is sent. `sent` and `phase` are the sender's own.
struct home_debts {
  atomic<std::uint64_t> released[2]{};
  std::uint64_t sent[2]{};
  unsigned phase = 0;

  bool is_settled(unsigned which) const noexcept {
    // order(home_return): acquire, pairs with the release where the home counts what it released:
    // whoever waited for the release sees what it did.
    return released[which].load(acquire) == sent[which];
  }
};

// Objects on their way to one home, gathered while a batch is released; the last one first.
struct home_chain {
  slot* to = nullptr;
  std::uint32_t incarnation = 0;
  retirable_base* first = nullptr;
  retirable_base* last = nullptr;
  std::size_t objects = 0;
  std::size_t bytes = 0;
};

}  // namespace lull::detail
