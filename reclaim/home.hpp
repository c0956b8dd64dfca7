// SPDX-License-Identifier: MIT
#pragma once

// What goes home to be released: the box in which a participant receives objects that it made and
// others retired, and the count of those that somebody has sent and that are not yet released.
// Objects arrive past their grace period, with nobody holding them: the owner of the box may
// release them at once. A batch costs one compare-exchange to send and one exchange to take.
//
// | variable    | written by           | read by              | pairings                 |
// |-------------|----------------------|----------------------|--------------------------|
// | first_      | who sends, the owner | the owner, who sends | home_push with home_take |
// | released[i] | who releases         | who sent             | home_return              |
//
// That the owner looks: who sends fences after the push, reads the epoch, and sees to it that the
// epoch moves past what it read. The owner looks after it has announced and fenced, as for orphans.

#include <cstddef>
#include <cstdint>

#include "../base/atomics.hpp"
#include "retirable.hpp"

namespace lull::detail {

struct slot;

class home_box {
 public:
  // Any thread: pushes a chain of objects, `first` to `last`. False: the owner has left.
  bool push(retirable_base& first, retirable_base& last) noexcept {
    retirable_base* seen = first_.load(relaxed);
    do {
      if (seen == closed()) return false;
      last.next = seen;
      // order(home_push): release, pairs with the acquire in take, order(home_take): the home sees
      // the objects whole, and all uses that the sender has waited for.
    } while (!first_.compare_exchange_weak(seen, &first, release, relaxed));
    return true;
  }

  // The owner. A hint unless it fenced after its slot store.
  bool empty() const noexcept {
    const retirable_base* seen = first_.load(relaxed);
    return seen == nullptr || seen == closed();
  }

  // The owner: everything, the last pushed first.
  retirable_base* take() noexcept {
    // order(home_take): acquire, pairs with the release in push (home_push).
    return first_.exchange(nullptr, acquire);
  }

  // The owner, when it joins and when it leaves; close() gives what came to the last.
  void open() noexcept { first_.store(nullptr, relaxed); }
  retirable_base* close() noexcept {
    // order(home_take): acquire, pairs with the release in push (home_push).
    retirable_base* const last = first_.exchange(closed(), acquire);
    return last == closed() ? nullptr : last;
  }

 private:
  // No object lies there.
  static retirable_base* closed() noexcept {
    return reinterpret_cast<retirable_base*>(static_cast<std::uintptr_t>(1));
  }

  atomic<retirable_base*> first_{closed()};
};

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
