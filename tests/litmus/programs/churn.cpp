// SPDX-License-Identifier: MIT

// All of it together: three members, each doing a few things in an order of its own: reading,
// replacing, quiescent states, going offline and online, leaving and joining again. Must hold: no
// use races with a release, and in the end all was released once.

#include "members.hpp"

namespace {

struct churn : members {
  static constexpr int most = 12;
  litmus::object objects[most];
  atomic<litmus::object*> shared{&objects[0]};
  atomic<int> next{1};

  churn() : members(3) {}

  void thread(unsigned index) override {
    std::optional<lull::participant>& mine = member[index];
    for (unsigned i = 0; i < 5; ++i) act(mine);
  }

  void act(std::optional<lull::participant>& mine) {
    shared.load(acquire)->read();
    switch (litmus::random(8)) {
      case 0:
      case 1: {
        const int free = next.fetch_add(1, relaxed);
        if (free >= most) break;
        litmus::object* before = shared.exchange(&objects[free], lull::detail::acq_rel);
        mine->retire(before, sizeof *before, release_object);
        break;
      }
      case 2:
        if (mine->offline()) mine->online();
        break;
      case 3:
        mine.reset();
        mine.emplace(domain);
        break;
      case 4:
        mine->drive();
        break;
      default:
        turn(*mine);
        break;
    }
    shared.load(acquire)->read();
  }

  void after() override {
    members::after();
    const int used = next.load(relaxed) < most ? next.load(relaxed) : most;
    for (int i = 0; i < used; ++i) {
      if (&objects[i] == shared.load(relaxed)) continue;
      litmus::check(objects[i].released(), "an object that was retired was not released");
    }
  }
};

const litmus::enlisted<churn> listed{"churn", 3};

}  // namespace
