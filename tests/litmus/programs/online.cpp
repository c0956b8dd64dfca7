// SPDX-License-Identifier: MIT

// Going online: order(online), order(mover), order(offline), order(complete).
// Must hold: no use races with the release; and from the end of come_online() on, until this
// participant announces again, the epoch is at most one past what it announced.

#include "shared.hpp"

namespace {

struct online : litmus::run {
  epoch_state epochs;
  slot& mine = epochs.slots().join();
  shared_pointer shared;

  void thread(unsigned index) override {
    if (index == 0) reader();
    if (index == 1) move(epochs, 4, 6);
    if (index == 2) shared.replace_and_release(epochs);
  }

  void reader() {
    bool moved = false;
    epoch_number announced = epochs.come_online(mine, moved);
    shared.use();
    const epoch_number now = epochs.epoch();
    litmus::check(now <= announced + 1, "the epoch went on without a participant that is online");
    if (now != announced) {
      epochs.announce(mine, now);
      full_fence();
      shared.use();
    }
    epochs.go_offline(mine);
  }
};

// The epoch moves between the two looks of one who comes online, and the second store is all that
// the next walk sees. Must hold: what is read after it is not older than what the walk was told.
struct online_moved : litmus::run {
  epoch_state epochs;
  slot& mine = epochs.slots().join();
  shared_pointer shared;

  online_moved() { move(epochs, 2, 1); }

  void thread(unsigned index) override {
    if (index == 0) {
      bool moved = false;
      epochs.come_online(mine, moved);
      shared.use();
      epochs.go_offline(mine);
    }
    if (index == 1) {
      for (unsigned i = 0; i < 4; ++i) epochs.advance(3, 8);
    }
    if (index == 2) shared.replace_and_release(epochs);
  }
};

const litmus::enlisted<online> listed{"online", 3};
const litmus::enlisted<online_moved> listed_moved{"online_moved", 3};

}  // namespace
