// SPDX-License-Identifier: MIT

// Leaving with limbo: order(orphan_push), order(orphan_take), order(leave_note), order(offline).

#include "members.hpp"

namespace {

// One used the object, unlinked it and leaves; one adopts and releases; one reads. Must hold: what
// is adopted keeps the tag it was closed with, and no use races with the release.
struct leave : members {
  leave() : members(3) {}

  void thread(unsigned index) override {
    if (index == 0) {
      use();
      replace(*member[0]);
      member[0].reset();
    }
    if (index == 1) turns(*member[1], 5);
    if (index == 2) {
      use();
      turn(*member[2]);
      use();
      turn(*member[2]);
      use();
    }
  }
};

// One leaves while the other announces, or moves the epoch and announces at once. Must hold:
// somebody has what was left.
struct adopt : members {
  unsigned leaver = litmus::random(2);

  adopt() : members(2) {
    if (litmus::random(2) == 0) retire_other(*member[1 - leaver]);
  }

  void thread(unsigned index) override {
    if (index == 0) {
      replace(*member[leaver]);
      if (litmus::random(2) == 0) turn(*member[leaver]);
      member[leaver].reset();
    } else {
      turns(*member[1 - leaver], 2);
    }
  }
};

// The same while the other goes offline, comes online, or leaves too.
struct adopt_offline : members {
  adopt_offline() : members(2) { turn(*member[litmus::random(2)]); }

  void thread(unsigned index) override {
    if (index == 0) {
      replace(*member[0]);
      member[0].reset();
    } else {
      member[1]->offline();
      if (!member[1]->is_online() && litmus::random(2) == 0) member[1]->online();
    }
  }

  // Who is offline adopts nothing, so then there must be nothing to adopt.
};

// The same while the other comes online. Its first announcement may be behind the epoch already,
// and the one who leaves may have relied on that.
struct adopt_online : members {
  adopt_online() : members(2) {
    turn(*member[litmus::random(2)]);
    member[1]->offline();
  }

  void thread(unsigned index) override {
    if (index == 0) {
      replace(*member[0]);
      member[0].reset();
    } else {
      member[1]->online();
    }
  }
};

// Two leave at once, with limbo each, while the third has one quiescent state.
struct leave_two : members {
  leave_two() : members(3) {}

  void thread(unsigned index) override {
    if (index == 0) replace(*member[0]);
    if (index == 1) retire_other(*member[1]);
    if (index == 2) {
      turn(*member[2]);
    } else {
      member[index].reset();
    }
  }
};

const litmus::enlisted<leave> listed_leave{"leave", 3};
const litmus::enlisted<adopt> listed_adopt{"adopt", 2};
const litmus::enlisted<adopt_offline> listed_offline{"adopt_offline", 2};
const litmus::enlisted<adopt_online> listed_online{"adopt_online", 2};
const litmus::enlisted<leave_two> listed_two{"leave_two", 3};

}  // namespace
