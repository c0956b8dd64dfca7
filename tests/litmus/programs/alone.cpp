// SPDX-License-Identifier: MIT

// One who moves the epoch in a quiescent state announces it in the same call, and looks at the
// slots anew: one fence for the move and the announcement. order(mover), order(announce).

#include "members.hpp"

namespace {

// The first moves the epoch for a reason of its own, the second comes online and reads, the third
// unlinks and goes offline, so that it stands in nobody's way. Must hold: the first's second look
// finds the second online, or that one sees the unlink; and the first is as good a reader as
// others.
struct alone : members {
  alone() : members(3) {
    member[1]->offline();
    retire_other(*member[0]);
    if (litmus::random(2) == 0) turn(*member[0]);
  }

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
      mine.online();
      use();
      turn(mine);
      use();
      mine.offline();
    }
    if (index == 2) {
      replace(mine);
      if (mine.offline()) mine.online();
      turns(mine, 4);
    }
  }
};

const litmus::enlisted<alone> listed{"alone", 3};

}  // namespace
