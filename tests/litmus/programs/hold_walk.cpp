// SPDX-License-Identifier: MIT

// Holds by hand: the count that the walk reads beside each slot, and the look at the cells:
// order(hold_publish), order(hold_drop), order(hold_count), order(hold_chunk). One holds the object
// if it finds it, goes on to a new epoch or offline, and uses it; one unlinks it and releases it
// when nobody holds it; one or two move the epoch.

#include <lull/reclaim/held.hpp>

#include "shared.hpp"

namespace {

using lull::detail::hold_cell;

struct held_by_hand : litmus::run {
  epoch_state epochs;
  slot* slots[3] = {&epochs.slots().join(), &epochs.slots().join(), &epochs.slots().join()};
  shared_pointer shared;
  litmus::object other;

  void come_online(slot& holder) {
    bool moved = false;
    epochs.come_online(holder, moved);
  }

  static hold_cell& take(slot& by, litmus::object& one) {
    return by.cells.take(&one, std::source_location::current());
  }

  // Unlinks, and releases when it is due and not held.
  void replace_and_look() {
    shared.replace();
    const epoch_number tag = epochs.close_batch();
    const lull::detail::completed_epoch now = epochs.look_at_completed();
    if (now.epoch <= tag) return;
    if (now.held) {
      lull::detail::held_gather gather(epochs.slots());
      gather.begin();
      while (!gather.step(1)) {}
      if (gather.found().find(&shared.old) != nullptr) return;
    }
    shared.old.release();
  }

  // Announces what is new, or goes offline.
  void go_on(slot& mine) {
    if (litmus::random(3) == 0) {
      epochs.go_offline(mine);
    } else {
      epochs.announce(mine, epochs.epoch());
      full_fence();
    }
  }

  // With nothing held any more, nothing counts as held from the next epoch on.
  void after() override {
    for (slot* one : slots) epochs.go_offline(*one);
    const epoch_number want = epochs.epoch() + 1;
    while (epochs.completed() < want) epochs.advance(want, 8);
    litmus::check(!epochs.look_at_completed().held, "nothing is held, and the bit is set");
  }
};

// The bit that spares the look. The holder's slot is the first or the last; two walk in turn, a
// slot a call.
struct hold_bit : held_by_hand {
  unsigned at = litmus::random(2) * 2;

  hold_bit() { come_online(*slots[at]); }

  void thread(unsigned index) override {
    if (index == 0) holder(*slots[at]);
    if (index == 1) move(epochs, 4, 6, 1);
    if (index == 2) move(epochs, 4, 6, 1);
    if (index == 3) replace_and_look();
  }

  void holder(slot& mine) {
    if (shared.current.load(acquire) != 1) return go_on(mine);
    hold_cell& cell = take(mine, shared.old);
    go_on(mine);
    shared.old.read();
    mine.cells.drop(cell);
  }
};

// The cell of the object is dropped, and used for another one, while somebody looks; others are
// held all the time, so that there is a look and chunks are added while it goes on.
struct hold_reuse : held_by_hand {
  hold_cell* always = &take(*slots[1], other);

  hold_reuse() { come_online(*slots[0]); }

  void thread(unsigned index) override {
    if (index == 0) holder(*slots[0]);
    if (index == 1) move(epochs, 4, 6);
    if (index == 2) replace_and_look();
  }

  void holder(slot& mine) {
    hold_cell* beside = litmus::random(2) == 0 ? &take(mine, other) : nullptr;
    hold_cell* cell = nullptr;
    if (shared.current.load(acquire) == 1) cell = &take(mine, shared.old);
    go_on(mine);
    if (cell != nullptr) {
      shared.old.read();
      mine.cells.drop(*cell);
    }
    hold_cell* more[3];
    for (hold_cell*& one : more) one = &take(mine, other);
    for (hold_cell* one : more) mine.cells.drop(*one);
    if (beside != nullptr) mine.cells.drop(*beside);
  }

  void after() override {
    slots[1]->cells.drop(*always);
    held_by_hand::after();
  }
};

// Cells and slots are added while somebody looks for one that names an object. Must hold: what is
// looked at has been made.
struct hold_grow : held_by_hand {
  void thread(unsigned index) override {
    if (index == 0) {
      hold_cell* more[5];
      for (hold_cell*& one : more) one = &take(*slots[0], other);
      for (hold_cell* one : more) slots[0]->cells.drop(*one);
    }
    if (index == 1) {
      lull::detail::held_object sought;
      sought.object = &shared.old;
      sought.several = true;
      lull::detail::held_search search;
      litmus::check(search.add(sought), "there was no room for one");
      search.look(epochs.slots());
      litmus::check(search.all()[0].holder == nullptr, "a holder was found of what nobody holds");
    }
    if (index == 2) {
      lull::detail::held_gather gather(epochs.slots());
      gather.begin();
      while (!gather.step(1)) {}
      litmus::check(!gather.failed() && gather.found().find(&shared.old) == nullptr,
                    "what nobody holds was found held");
    }
    if (index == 3) epochs.slots().join();
  }
};

const litmus::enlisted<hold_bit> listed_bit{"hold_bit", 4};
const litmus::enlisted<hold_reuse> listed_reuse{"hold_reuse", 3};
const litmus::enlisted<hold_grow> listed_grow{"hold_grow", 4};

}  // namespace
