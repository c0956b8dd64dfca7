// SPDX-License-Identifier: MIT

// Leaving with something that another holds: order(hold_drop), order(orphan_push),
// order(leave_note). The one who holds it is offline, so nobody is there to leave it to.

#include "holders.hpp"

namespace {

// Two leave with an object each. Must hold: leaving comes to an end, and each object is released
// when its hold has gone, by the one who held it.
struct hold_left : members {
  std::optional<object_hold> one, two;

  hold_left() : members(3) {
    one.emplace(hold_by(*member[0], old));
    two.emplace(hold_by(*member[0], other));
    member[0]->offline();
  }

  void thread(unsigned index) override {
    if (index == 0) {
      old.read();
      if (litmus::random(2) == 0) drop_by(*member[0], *one);
      come_and_turn(*member[0], 2);
      other.read();
    } else {
      if (index == 1) replace(*member[1]);
      if (index == 2) retire_other(*member[2]);
      turns(*member[index], litmus::random(3));
      member[index].reset();
    }
  }

  void after() override {
    litmus::check(!other.released(), "what is held was released");
    lull::participant::set_current(&*member[0]);
    one.reset();
    two.reset();
    come_and_turn(*member[0], 12);
    litmus::check(old.released() && other.released(), "what was held once is never released");
    members::after();
  }
};

// One leaves what is held, once it has found that nobody can take it; meanwhile the holder comes
// online, and a third joins, retires and leaves too, relying on the first. Must hold: somebody has
// what the third left.
struct hold_left_asked : members {
  std::optional<object_hold> one;

  hold_left_asked() : members(2) {
    one.emplace(hold_by(*member[0], old));
    turns(*member[0], litmus::random(2));
    member[0]->offline();
  }

  void thread(unsigned index) override {
    if (index == 0) come_and_turn(*member[0], 2);
    if (index == 1) {
      replace(*member[1]);
      member[1].reset();
    }
    if (index == 2) {
      member[2].emplace(domain);
      retire_other(*member[2]);
      member[2].reset();
    }
  }

  void after() override {
    turn(*member[0]);
    litmus::check(domain.statistics().orphans == 0,
                  "what somebody left behind was adopted by nobody");
    lull::participant::set_current(&*member[0]);
    one.reset();
    members::after();
  }
};

// One leaves what is held, and comes online again to see whether it can be released; meanwhile
// another joins, retires what nobody holds and leaves too, counting on the first. The holder is
// offline all the time. Must hold: what nobody holds is released without the holder.
struct hold_left_met : members {
  std::optional<object_hold> one;

  hold_left_met() : members(2) {
    one.emplace(hold_by(*member[0], old));
    member[0]->offline();
  }

  void thread(unsigned index) override {
    if (index == 0) {
      replace(*member[1]);
      member[1].reset();
    } else {
      member[2].emplace(domain);
      retire_other(*member[2]);
      member[2].reset();
    }
  }

  void after() override {
    litmus::check(other.released(), "what nobody holds was left to a holder that is offline");
    lull::participant::set_current(&*member[0]);
    one.reset();
    come_and_turn(*member[0], 2);
    members::after();
  }
};

const litmus::enlisted<hold_left> listed{"hold_left", 3};
const litmus::enlisted<hold_left_asked> listed_asked{"hold_left_asked", 3};
const litmus::enlisted<hold_left_met> listed_met{"hold_left_met", 2};

}  // namespace
