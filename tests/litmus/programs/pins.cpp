// SPDX-License-Identifier: MIT

// Pins: order(announce), order(close_batch), order(online). One pins and reads; one unlinks,
// retires and releases; one moves the epoch.

#include "holders.hpp"

namespace {

// A second and a third object that go together with the first.
struct pinned_members : members {
  litmus::object apart;
  atomic<int> apart_current{1};

  explicit pinned_members(unsigned joined) : members(joined) {}

  void replace_all(lull::participant& by) {
    current.store(2, release);
    apart_current.store(2, release);
    by.retire(&old, sizeof old, release_object);
    by.retire(&other, sizeof other, release_object);
    by.retire(&apart, sizeof apart, release_object);
  }

  void use_apart() {
    if (apart_current.load(acquire) == 1) apart.read();
  }

  void write_or_move(unsigned index) {
    if (index == 1) replace_all(*member[1]);
    turns(*member[index], 5);
  }
};

// Two pins of one epoch and the next, dropped in any order. Must hold: what was found under a pin
// stays until it goes, whatever is seen meanwhile.
struct pin_across : pinned_members {
  pin_across() : pinned_members(3) {}

  void thread(unsigned index) override {
    if (index != 0) return write_or_move(index);
    lull::participant& mine = *member[0];
    std::optional<lull::pin> one(std::in_place, mine);
    const bool found = current.load(acquire) == 1;
    turn(mine);
    std::optional<lull::pin> two(std::in_place, mine);
    const bool found_apart = apart_current.load(acquire) == 1;
    turn(mine);
    if (found) old.read();
    if (litmus::random(2) == 0) {
      one.reset();
      turn(mine);
      if (found_apart) apart.read();
      two.reset();
    } else {
      two.reset();
      turn(mine);
      if (found) old.read();
      one.reset();
    }
    turn(mine);
    use_apart();
  }
};

// The pin goes in mid-iteration. Must hold: what was read through it, and beside it, is good until
// the next quiescent state, where the announcement that was put off is made.
struct pin_drop : pinned_members {
  pin_drop() : pinned_members(3) {}

  void thread(unsigned index) override {
    if (index != 0) return write_or_move(index);
    lull::participant& mine = *member[0];
    lull::pin pinned(mine);
    const bool found = current.load(acquire) == 1;
    turn(mine);
    if (found) other.read();  // through the object, which may be unlinked
    const bool found_apart = apart_current.load(acquire) == 1;
    pinned.drop();
    if (found) other.read();
    if (found_apart) apart.read();
    turn(mine);
    use_apart();
  }
};

// Pins taken just after coming online. Must hold: there are no more than two generations of them.
struct pin_online : pinned_members {
  pin_online() : pinned_members(3) { member[0]->offline(); }

  void thread(unsigned index) override {
    if (index != 0) return write_or_move(index);
    lull::participant& mine = *member[0];
    mine.online();
    const lull::pin one(mine);
    const bool found = current.load(acquire) == 1;
    turn(mine);
    const lull::pin two(mine);
    turn(mine);
    if (found) old.read();
    turn(mine);
    if (found) old.read();
  }
};

// Who pins goes to sleep and wakes. Must hold: it stays online meanwhile.
struct pin_offline : pinned_members {
  pin_offline() : pinned_members(3) {}

  void thread(unsigned index) override {
    if (index != 0) return write_or_move(index);
    lull::participant& mine = *member[0];
    lull::pin pinned(mine);
    const bool found = current.load(acquire) == 1;
    turn(mine);
    mine.offline();
    if (found) old.read();
    pinned.drop();
    turn(mine);
    if (mine.offline()) mine.online();
    use_apart();
  }
};

// One leaves and relies on another that is behind because of a pin. Must hold: that one looks at
// what was left when it announces at last.
struct pin_orphans : members {
  pin_orphans() : members(2) { retire_other(*member[1]); }

  void thread(unsigned index) override {
    if (index == 0) {
      lull::pin pinned(*member[0]);
      turn(*member[0]);
      pinned.drop();
      turn(*member[0]);
    } else {
      turn(*member[1]);
      replace(*member[1]);
      member[1].reset();
    }
  }
};

const litmus::enlisted<pin_across> listed_across{"pin_across", 3};
const litmus::enlisted<pin_drop> listed_drop{"pin_drop", 3};
const litmus::enlisted<pin_online> listed_online{"pin_online", 3};
const litmus::enlisted<pin_offline> listed_offline{"pin_offline", 3};
const litmus::enlisted<pin_orphans> listed_orphans{"pin_orphans", 2};

}  // namespace
