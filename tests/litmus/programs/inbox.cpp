// SPDX-License-Identifier: MIT

// A core falls asleep while another sends to it: order(sleep), order(inbox), order(offline). One
// fence serves the flag, the slot and the look at the inbox. Must hold: no lost wake-up; a message
// is seen filled in; and what was read while online is not released before the core is offline.

#include <lull/sched/inbox.hpp>

#include "members.hpp"

namespace {

struct letter : lull::detail::message {
  letter() : message([](message&) noexcept {}) {}
  litmus::object content;
};

struct inbox : members {
  lull::detail::inbox box;
  letter one;
  bool slept = false;
  bool woken = false;

  inbox() : members(2) {}

  void thread(unsigned index) override {
    if (index == 0) receiver(*member[0]);
    if (index == 1) {
      replace(*member[1]);
      turns(*member[1], 3);
    }
    if (index == 2) {
      one.content.write();
      lull::detail::message_chain chain;
      chain.add(one);
      woken = box.push(chain);
    }
  }

  void receiver(lull::participant& mine) {
    use();
    box.fall_asleep();
    const bool offline = mine.offline();
    if (offline && box.empty()) {
      slept = true;
      return;
    }
    box.wake_up();
    if (offline) mine.online();
    use();
    take();
  }

  void take() {
    for (lull::detail::message* at = box.take(); at != nullptr; at = at->next) {
      static_cast<letter*>(at)->content.read();
    }
  }

  void after() override {
    litmus::check(!slept || woken, "the core sleeps and nobody wakes it");
    if (!member[0]->is_online()) member[0]->online();
    take();
    members::after();
  }
};

const litmus::enlisted<inbox> listed{"inbox", 3};

}  // namespace
