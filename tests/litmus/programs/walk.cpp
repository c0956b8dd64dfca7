// SPDX-License-Identifier: MIT

// Advancing by several in turn, with a saved cursor and one slot a visit: order(walk_lock),
// order(mover), order(announce). A reader that comes online late, in the first or in the last slot,
// so that the walk has passed it or not. Must hold: no use races with the release.

#include "shared.hpp"

namespace {

template <int Readers>
struct walk : litmus::run {
  epoch_state epochs;
  slot* slots[2] = {&epochs.slots().join(), &epochs.slots().join()};
  shared_pointer shared;

  void thread(unsigned index) override {
    if (index == 0) reader();
    if (index == 1) move(epochs, 4, 4, 1);
    if (index == 2) move(epochs, 4, 4, 1);
    if (index == 3) shared.replace_and_release(epochs);
  }

  void reader() {
    bool moved = false;
    epoch_number announced = epochs.come_online(*slots[Readers], moved);
    shared.use();
    const epoch_number now = epochs.epoch();
    if (now != announced) {
      epochs.announce(*slots[Readers], now);
      full_fence();
      shared.use();
    }
    epochs.go_offline(*slots[Readers]);
  }
};

const litmus::enlisted<walk<0>> first{"walk_first", 4};
const litmus::enlisted<walk<1>> last{"walk_last", 4};

}  // namespace
