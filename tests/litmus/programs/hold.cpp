// SPDX-License-Identifier: MIT

// Holds with whole participants: order(hold_publish), order(hold_drop), order(hold_count).

#include "holders.hpp"

namespace {

// What is retired is released in the end, when all holds have gone.
struct holding : members {
  explicit holding(unsigned joined) : members(joined) {}

  // Holds the object if it finds it, through a few quiescent states or offline, and drops it.
  void hold_and_use(lull::participant& mine) {
    std::optional<object_hold> keep;
    if (current.load(acquire) == 1) keep.emplace(hold_by(mine, old));
    if (litmus::random(3) == 0) {
      if (mine.offline()) mine.online();
    } else {
      turns(mine, 1 + litmus::random(3));
    }
    if (!keep) return;
    old.read();
    lull::participant::set_current(&mine);
    if (litmus::random(2) == 0) {
      keep.reset();
    } else {
      keep = object_hold{lull::ref<litmus::object>(&other)};  // in another cell
      lull::participant::set_current(&mine);
      keep.reset();
    }
  }

  void last_turns() {
    for (unsigned i = 0; i < 12; ++i) {
      for (std::optional<lull::participant>& one : member) {
        if (one) come_and_turn(*one, 1);
      }
    }
  }

  void after() override {
    last_turns();
    litmus::check(old.released(), "nobody holds it any more, and it is not released");
    members::after();
  }
};

// One holds, one unlinks and releases, one moves the epoch.
struct hold : holding {
  hold() : holding(3) {}

  void thread(unsigned index) override {
    if (index == 0) {
      hold_and_use(*member[0]);
      turn(*member[0]);
    }
    if (index == 1) {
      replace(*member[1]);
      turns(*member[1], 8);
    }
    if (index == 2) turns(*member[2], 4);
  }
};

// Two hold it. Must hold: the last of them to drop it is waited for.
struct hold_several : holding {
  hold_several() : holding(3) {}

  void thread(unsigned index) override {
    if (index == 1) {
      replace(*member[1]);
      turns(*member[1], 8);
    } else {
      hold_and_use(*member[index]);
      turn(*member[index]);
    }
  }
};

// One leaves with an object that another holds; the third adopts it, or the holder. Must hold: it
// is released by who adopted it, once its hold has gone.
struct hold_adopted : holding {
  hold_adopted() : holding(3) {}

  void thread(unsigned index) override {
    if (index == 0) {
      hold_and_use(*member[0]);
      turns(*member[0], 2);
    }
    if (index == 1) {
      replace(*member[1]);
      turns(*member[1], litmus::random(8));
      member[1].reset();
    }
    if (index == 2) turns(*member[2], 5);
  }
};

// One object after another is replaced, each found and held or not, while something else is held
// all the time. Must hold: what was looked up serves only what was due when the look began.
struct hold_again : holding {
  litmus::object third;
  atomic<int> third_current{1};
  object_hold always = hold_by(*member[0], other);

  hold_again() : holding(2) {}

  void thread(unsigned index) override {
    lull::participant& mine = *member[index];
    if (index == 0) {
      turns(mine, litmus::random(4));
      std::optional<object_hold> keep;
      if (third_current.load(acquire) == 1) keep.emplace(hold_by(mine, third));
      turns(mine, 3);
      if (keep) third.read();
      lull::participant::set_current(&mine);
      keep.reset();
      turn(mine);
    } else {
      replace(mine);
      turns(mine, 1 + litmus::random(5));
      third_current.store(2, release);
      mine.retire(&third, sizeof third, release_object);
      turns(mine, 8);
    }
  }

  void after() override {
    drop_by(*member[0], always);
    last_turns();
    litmus::check(third.released(), "nobody holds it any more, and it is not released");
    holding::after();
  }
};

// One waits for a barrier, and another holds what it retired. Must hold: the barrier is over when
// that has been released, not before, and then it is over.
struct hold_barrier : holding {
  struct flag : lull::detail::barrier_waiter {
    flag() noexcept : barrier_waiter(&flag::set) {}
    static void set(lull::detail::waiter& self) noexcept { static_cast<flag&>(self).over = true; }
    bool over = false;
  };
  flag wait;

  hold_barrier() : holding(2) {}

  void thread(unsigned index) override {
    if (index == 0) {
      hold_and_use(*member[0]);
      turns(*member[0], 2);
    } else {
      replace(*member[1]);
      member[1]->await_barrier(wait);
      for (unsigned i = 0; i < 8 && !wait.over; ++i) turn(*member[1]);
      look();
    }
  }

  void look() {
    litmus::check(!wait.over || old.released(), "a barrier is over, and what is held is there");
  }

  void after() override {
    last_turns();
    litmus::check(wait.over, "a barrier does not end");
    holding::after();
  }
};

const litmus::enlisted<hold_barrier> listed_barrier{"hold_barrier", 2};
const litmus::enlisted<hold> listed{"hold", 3};
const litmus::enlisted<hold_several> listed_several{"hold_several", 3};
const litmus::enlisted<hold_adopted> listed_adopted{"hold_adopted", 3};
const litmus::enlisted<hold_again> listed_again{"hold_again", 2};

}  // namespace
