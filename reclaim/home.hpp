// SPDX-License-Identifier: MIT
#pragma once

// What goes home to be released: the box in which a participant receives objects that it made and
// others retired, and the count of those that somebody has sent and that are not yet released.
// Objects arrive past their grace period, with nobody holding them: the owner of the box may
// release them at once. A batch costs one compare-exchange to send and one exchange to take.
//
// | variable    | written by              | read by  | pairings    |
// |-------------|-------------------------|----------|-------------|
// | released[i] | who releases, who joins | who sent | home_return |
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
// what was sent before it while more is sent. What was sent by another, who had the slot before, is
// no debt to its owner. `owner`, `sent` and `phase` are the sender's own.
struct home_debts {
  atomic<std::uint64_t> released[2]{};  // the owner in the upper half
  std::uint32_t owner = 0;
  std::uint32_t sent[2]{};
  unsigned phase = 0;

  void begin(std::uint32_t incarnation) noexcept {
    owner = incarnation;
    phase = sent[0] = sent[1] = 0;
    for (atomic<std::uint64_t>& each : released) each.store(counted(owner, 0), relaxed);
  }
  bool is_settled(unsigned which) const noexcept {
    // order(home_return): acquire, pairs with the release in pay: whoever waited for the release
    // sees what it did.
    return released[which].load(acquire) == counted(owner, sent[which]);
  }
  // Any thread: so many of what was sent by this owner are released.
  static void pay(atomic<std::uint64_t>& debt, std::uint32_t owner, std::size_t count) noexcept {
    std::uint64_t before = debt.load(relaxed);
    std::uint64_t after = 0;
    do {
      if (before >> 32 != owner) return;  // nobody waits for it any more
      after = counted(owner, static_cast<std::uint32_t>(before + count));
      // order(home_return): release, pairs with the acquire in is_settled.
    } while (!debt.compare_exchange_weak(before, after, release, relaxed));
  }

 private:
  static std::uint64_t counted(std::uint32_t owner, std::uint32_t count) noexcept {
    return std::uint64_t{owner} << 32 | count;
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
