// SPDX-License-Identifier: MIT

// The list of slots grows while it is walked, in one go or with a saved cursor: order(append_slot).
// Must hold: a walk that does not see the new slot is as good as one that sees it offline; and who
// sees it, sees it whole: a walk, another who joins, and a snapshot for statistics.

#include "shared.hpp"

namespace {

template <unsigned Visits>
struct append : litmus::run {
  epoch_state epochs;
  slot& first = epochs.slots().join();
  shared_pointer shared;

  void thread(unsigned index) override {
    if (index == 0) join_and_use();
    if (index == 1) move(epochs, 3, 6, Visits);
    if (index == 2) Visits == 1 ? move(epochs, 3, 3, Visits) : join_and_use();
    if (index == 3) {
      shared.replace_and_release(epochs);
      count();
    }
  }

  void count() {
    const std::size_t made = epochs.slots().size();
    litmus::check(made <= 3 && epochs.slots().owned() <= 3, "there are more slots than were made");
  }

  void join_and_use() {
    bool moved = false;
    slot& mine = epochs.slots().join();
    epochs.come_online(mine, moved);
    shared.use();
    epochs.go_offline(mine);
    lull::detail::slot_list::leave(mine);
  }
};

const litmus::enlisted<append<8>> whole{"append", 4};
const litmus::enlisted<append<1>> halfway{"append_cursor", 4};

}  // namespace
