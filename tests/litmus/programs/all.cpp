// SPDX-License-Identifier: MIT

// All of it together, with pins, holds and homes: three members, each doing a few things in an
// order of its own. Must hold: no use races with a release, and in the end all was released once.

#include "holders.hpp"

namespace {

struct thing;
struct release_thing {
  void operator()(thing* one) const noexcept;
};

struct thing : lull::homed<thing, release_thing> {
  litmus::object content;
};

void release_thing::operator()(thing* one) const noexcept { one->content.release(); }

using thing_hold = lull::hold<thing>;

struct all : members {
  static constexpr int most = 12;
  std::optional<thing> things[most];
  atomic<thing*> shared{nullptr};
  atomic<int> next{1};
  std::optional<thing_hold> keep[3];
  std::optional<lull::pin> pinned[3];
  thing* under_pin[3] = {};

  all() : members(3) {
    for (int i = 0; i < most; ++i) {
      lull::participant::set_current(&*member[i % 3]);
      things[i].emplace();
    }
    shared.store(&*things[0], relaxed);
  }

  void thread(unsigned index) override {
    for (unsigned i = 0; i < 6; ++i) act(index, *member[index]);
    let_go(index);
  }

  void act(unsigned me, lull::participant& mine) {
    shared.load(acquire)->content.read();
    switch (litmus::random(9)) {
      case 0:
      case 1:
        replace_one(mine);
        break;
      case 2:
        if (mine.offline() && !mine.is_online()) mine.online();
        break;
      case 3:
        let_go(me);
        member[me].reset();
        member[me].emplace(domain);
        break;
      case 4:
        mine.drive();
        break;
      case 5:
        hold_one(me, mine);
        break;
      case 6:
        pin_one(me, mine);
        break;
      default:
        turn(mine);
        break;
    }
    if (keep[me]) (*keep[me])->content.read();
    if (under_pin[me] != nullptr) under_pin[me]->content.read();
  }

  void replace_one(lull::participant& mine) {
    const int free = next.fetch_add(1, relaxed);
    if (free >= most) return;
    thing* before = shared.exchange(&*things[free], lull::detail::acq_rel);
    if (litmus::random(2) == 0) {
      mine.retire(before);
    } else {
      mine.retire(before, sizeof *before,
                  [](void* one) noexcept { static_cast<thing*>(one)->content.release(); });
    }
  }

  void hold_one(unsigned me, lull::participant& mine) {
    if (keep[me]) {
      let_go_of_hold(me);
    } else {
      const bool pinned_one = under_pin[me] != nullptr && litmus::random(2) == 0;
      thing* const found = pinned_one ? under_pin[me] : shared.load(acquire);
      lull::participant::set_current(&mine);
      keep[me].emplace(lull::ref<thing>(found));
    }
  }

  void pin_one(unsigned me, lull::participant& mine) {
    if (pinned[me]) {
      if (under_pin[me] != nullptr) under_pin[me]->content.read();
      under_pin[me] = nullptr;
      pinned[me].reset();
    } else {
      pinned[me].emplace(mine);
      under_pin[me] = shared.load(acquire);
    }
  }

  void let_go_of_hold(unsigned me) {
    if (!keep[me]) return;
    lull::participant::set_current(&*member[me]);
    keep[me].reset();
  }

  void let_go(unsigned me) {
    let_go_of_hold(me);
    under_pin[me] = nullptr;
    pinned[me].reset();
  }

  void after() override {
    for (unsigned i = 0; i < 12; ++i) {
      for (std::optional<lull::participant>& one : member) come_and_turn(*one, 1);
    }
    const int used = std::min(next.load(relaxed), most);
    for (int i = 0; i < used; ++i) {
      if (&*things[i] == shared.load(relaxed)) continue;
      litmus::check(things[i]->content.released(), "an object was retired and is not released");
    }
    members::after();
  }
};

const litmus::enlisted<all> listed{"all", 3};

}  // namespace
