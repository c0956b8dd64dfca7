// SPDX-License-Identifier: MIT

// A quiescent state that announces and closes a batch under one fence: order(announce),
// order(close_batch), order(mover), order(complete). One reads and announces; one reads, unlinks,
// closes and releases; one moves the epoch. Must hold: no use races with the release.

#include "members.hpp"

namespace {

struct fused : members {
  fused() : members(3) {}

  void thread(unsigned index) override {
    lull::participant& mine = *member[index];
    if (index == 0) {
      for (unsigned i = 0; i < 3; ++i) {
        use();
        turn(mine);
      }
      use();
    }
    if (index == 1) {
      use();
      replace(mine);
      turns(mine, 4);
      litmus::check(mine.is_online(), "a quiescent state went offline");
    }
    if (index == 2) {
      retire_other(mine);
      turns(mine, 5);
    }
  }
};

const litmus::enlisted<fused> listed{"fused", 3};

}  // namespace
