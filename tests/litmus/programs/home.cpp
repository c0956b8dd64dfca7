// SPDX-License-Identifier: MIT

// Release on the home core: order(home_push), order(box_take), order(home_return). One made the
// object, another unlinks and retires it; a third reads it. Must hold: it is released once, at home
// while that is joined, after the third's last use; and the home learns of it without being told
// twice.

#include "holders.hpp"

namespace {

struct homed_object : lull::homed<homed_object> {
  homed_object(litmus::object& body, litmus::object& written) : content(body), note(written) {}
  ~homed_object() {
    content.release();
    note.write();
  }
  litmus::object& content;
  litmus::object& note;  // what its destructor leaves for others to read
};

// Members 0 and 1, and 2 where there are readers. The object's home is member 0.
struct homes : members {
  litmus::object note;
  homed_object* one = nullptr;

  explicit homes(unsigned joined) : members(joined) {
    lull::participant::set_current(&*member[0]);
    one = new homed_object(old, note);
  }

  // Which the sender has used, too.
  void send(lull::participant& by) {
    use();
    current.store(2, release);
    by.retire(one);
  }

  // The home is online and has nothing to do: it must have been reached all the same.
  void last_turns() {
    if (member[0] && !member[0]->is_online()) member[0]->online();
    for (unsigned i = 0; i < 12; ++i) {
      for (std::optional<lull::participant>& each : member) {
        if (each) turn(*each);
      }
    }
  }

  void after() override {
    last_turns();
    litmus::check(old.released(),
                  "what was sent home is not released, and all have been quiescent");
    members::after();
  }
};

// The home and the reader are quiescent now and then.
struct home : homes {
  home() : homes(3) {}

  void thread(unsigned index) override {
    if (index == 1) send(*member[1]);
    if (index == 2) use();
    turns(*member[index], 6);
    if (index == 2) use();
  }
};

// The home goes offline and comes back while something is sent to it. Must hold: who sleeps has
// been woken, or has nothing in its box.
struct home_offline : homes {
  bool woken = false;

  home_offline() : homes(2) {
    domain.set_wake(
        [](void* me, std::uint32_t) noexcept { static_cast<home_offline*>(me)->woken = true; },
        this);
  }

  void thread(unsigned index) override {
    if (index == 0) {
      turns(*member[0], litmus::random(4));
      use();
      member[0]->offline();
      if (!member[0]->is_online() && litmus::random(2) == 0) member[0]->online();
    } else {
      send(*member[1]);
      turns(*member[1], 5);
    }
  }

  void after() override {
    const bool was_sent = member[1]->statistics().sent_home != 0;
    litmus::check(member[0]->is_online() || !was_sent || woken || old.released(),
                  "the home sleeps, something was sent to it, and nobody wakes it");
    homes::after();
  }
};

struct due_homes : homes {
  due_homes() : homes(2) {
    send(*member[1]);
    turn(*member[1]);
    turn(*member[0]);
  }
};

// The object is due, and sent while the home moves the epoch on and looks into its box. Must hold:
// if that was too early, there is an epoch to come at which it looks again.
struct home_at_once : due_homes {
  void thread(unsigned index) override {
    if (index == 0) {
      member[0]->ticket();
      turns(*member[0], 2);
    } else {
      turns(*member[1], 2);
    }
  }
};

// The home leaves while something is sent to it. Must hold: it is released all the same.
struct home_left : homes {
  home_left() : homes(2) {}

  void thread(unsigned index) override {
    if (index == 0) {
      use();
      turns(*member[0], litmus::random(3));
      use();
      member[0].reset();
    } else {
      send(*member[1]);
      turns(*member[1], 5);
    }
  }
};

// The same, what is sent is due, and another moves in where the home was. Must hold: nothing goes
// to that one, who has neither made nor retired it.
struct home_moved_in : due_homes {
  void thread(unsigned index) override {
    if (index == 0) {
      member[0].reset();
      member[0].emplace(domain);
      turns(*member[0], 3);
    } else {
      turns(*member[1], 3);
    }
  }

  void after() override {
    last_turns();
    litmus::check(member[0]->statistics().came_home == 0,
                  "what was sent home came to another, who joined when that had left");
    homes::after();
  }
};

// The one who sent leaves at once, and the home is online with nothing to do. Must hold: the home
// looks, so the epoch moves though its sender is gone.
struct home_sender_left : homes {
  home_sender_left() : homes(3) {}

  void thread(unsigned index) override {
    if (index == 1) {
      send(*member[1]);
      turns(*member[1], 1 + litmus::random(4));
      member[1].reset();
    } else {
      turns(*member[index], 4);
    }
  }
};

// The sender waits for a barrier, and what it sent before is not released yet. Must hold: when the
// barrier is over it has been, and what the destructor did is seen.
struct home_barrier : homes {
  struct flag : lull::detail::barrier_waiter {
    flag() noexcept : barrier_waiter(&flag::set) {}
    static void set(lull::detail::waiter& self) noexcept { static_cast<flag&>(self).over = true; }
    bool over = false;
  };
  flag wait;

  home_barrier() : homes(2) {}

  void thread(unsigned index) override {
    if (index == 0) return turns(*member[0], 5);
    send(*member[1]);
    turns(*member[1], litmus::random(4));
    member[1]->await_barrier(wait);
    for (unsigned i = 0; i < 4 && !wait.over; ++i) turn(*member[1]);
    look();
  }

  void look() {
    if (!wait.over) return;
    note.read();
    litmus::check(old.released(), "a barrier is over, and what was sent home is not released");
  }

  void after() override {
    last_turns();
    litmus::check(wait.over, "a barrier does not end");
    look();
    homes::after();
  }
};

const litmus::enlisted<home_barrier> listed_barrier{"home_barrier", 2};
const litmus::enlisted<home> listed{"home", 3};
const litmus::enlisted<home_offline> listed_offline{"home_offline", 2};
const litmus::enlisted<home_at_once> listed_at_once{"home_at_once", 2};
const litmus::enlisted<home_left> listed_left{"home_left", 2};
const litmus::enlisted<home_moved_in> listed_moved{"home_moved_in", 2};
const litmus::enlisted<home_sender_left> listed_sender{"home_sender_left", 3};

}  // namespace
