// SPDX-License-Identifier: MIT

// Looking up what is held, in schedules that chance seldom makes: one thread plays all members,
// step by step, and the other only reads in the end. Chunks have two cells here, and a quiescent
// state looks at two.

#include <vector>

#include "holders.hpp"

namespace {

constexpr lull::release_bound nothing{0, std::chrono::nanoseconds::max()};

// Member 0 holds, member 1 retires, member 2 is there to adopt.
struct scripted : members {
  std::vector<object_hold> others;  // of member 0, one a cell
  std::optional<object_hold> keep;

  explicit scripted(unsigned joined) : members(joined) {}

  void hold_others(unsigned count) {
    for (; count > 0; --count) others.push_back(hold_by(*member[0], other));
  }

  // Nobody has been told to let go of it.
  static void check_held(const litmus::object& one) {
    litmus::check(!one.released(), "what is held was released");
  }

  void after() override {
    lull::participant::set_current(&*member[0]);
    keep.reset();
    others.clear();
    members::after();
  }
};

// The hold is in the third chunk of its holder. Must hold: all chunks are looked at.
struct hold_far : scripted {
  hold_far() : scripted(2) {}

  void thread(unsigned index) override {
    if (index != 0) return;
    hold_others(4);
    keep.emplace(hold_by(*member[0], old));
    replace(*member[1]);
    for (unsigned i = 0; i < 12; ++i) {
      turn(*member[1]);
      turn(*member[0]);
    }
    check_held(old);
  }
};

// While the cells are looked at for one object, the next becomes due; its holder has used a cell
// that was looked at before. Must hold: it is looked for anew.
struct hold_meanwhile : scripted {
  litmus::object third;

  hold_meanwhile() : scripted(2) {}

  void thread(unsigned index) override {
    if (index != 0) return;
    hold_others(10);
    drop_by(*member[0], others.front());  // in the chunk that is looked at first
    replace(*member[1]);
    const unsigned until_the_look = litmus::random(10);
    for (unsigned i = 0; i < until_the_look; ++i) {
      turn(*member[1]);
      turn(*member[0]);
    }
    keep.emplace(hold_by(*member[0], third));
    member[1]->retire(&third, sizeof third, release_object);
    for (unsigned i = 0; i < 24; ++i) {
      turn(*member[1]);
      turn(*member[0]);
    }
    check_held(third);
  }
};

// One has looked up what it retired, and leaves before it releases anything. Must hold: who adopts
// it looks for itself.
struct hold_adopted_late : scripted {
  hold_adopted_late() : scripted(3) {}

  void thread(unsigned index) override {
    if (index != 0) return;
    keep.emplace(hold_by(*member[0], old));
    replace(*member[1]);
    for (unsigned i = 0; i < 12; ++i) {
      member[1]->quiescent(nothing);
      turn(*member[0]);
      turn(*member[2]);
    }
    member[1].reset();
    for (unsigned i = 0; i < 3; ++i) {
      turn(*member[2]);
      check_held(old);
      turn(*member[0]);
    }
    check_held(old);
  }
};

const litmus::enlisted<hold_far> listed_far{"hold_far", 2};
const litmus::enlisted<hold_meanwhile> listed_meanwhile{"hold_meanwhile", 2};
const litmus::enlisted<hold_adopted_late> listed_adopted{"hold_adopted_late", 2};

}  // namespace
