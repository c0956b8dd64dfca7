// SPDX-License-Identifier: MIT

// A slot passes from one who leaves to one who joins: order(leave_slot), order(join_slot).
// Must hold: a walk that reads the newcomer's epoch is ordered after the last use of the one who
// left, though it never saw the slot offline.

#include "shared.hpp"

namespace {

struct join : litmus::run {
  epoch_state epochs;
  slot& old = epochs.slots().join();
  shared_pointer shared;

  join() {
    bool moved = false;
    epochs.come_online(old, moved);
  }

  void thread(unsigned index) override {
    if (index == 0) {
      shared.use();
      epochs.go_offline(old);
      lull::detail::slot_list::leave(old);
    }
    if (index == 1) {
      bool moved = false;
      slot& mine = epochs.slots().join();
      epochs.come_online(mine, moved);
      shared.use();
      epochs.go_offline(mine);
    }
    if (index == 2) move(epochs, 3, 5);
    if (index == 3) shared.replace_and_release(epochs);
  }
};

const litmus::enlisted<join> listed{"join", 4};

}  // namespace
