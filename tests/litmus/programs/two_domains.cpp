// SPDX-License-Identifier: MIT

// Threads that belong to two domains. Must hold: each has its own epochs, holds and pins; what is
// quiescent in one is not so in the other. order(announce), order(hold_publish).

#include "holders.hpp"

namespace {

struct two_domains : members {
  lull::domain second;
  std::optional<lull::participant> there[2];
  atomic<int> apart{1};

  two_domains() : members(2) {
    for (std::optional<lull::participant>& one : there) one.emplace(second);
  }

  void thread(unsigned index) override {
    if (index == 0) reader(*member[0], *there[0]);
    if (index == 1) writer(*member[1], *there[1]);
  }

  // `old` is of the first domain, `other` of the second.
  void reader(lull::participant& here, lull::participant& beyond) {
    const bool found = current.load(acquire) == 1;
    std::optional<object_hold> keep;
    if (apart.load(acquire) == 1) keep.emplace(hold_by(beyond, other));
    lull::pin pinned(here);
    turns(beyond, 2);
    turn(here);
    if (found) old.read();
    if (keep) other.read();
    pinned.drop();
    lull::participant::set_current(&beyond);
    keep.reset();
    turn(here);
    turn(beyond);
  }

  void writer(lull::participant& here, lull::participant& beyond) {
    replace(here);
    apart.store(2, release);
    retire_other(beyond);
    for (unsigned i = 0; i < 6; ++i) turn(litmus::random(2) == 0 ? here : beyond);
  }

  void after() override {
    for (unsigned i = 0; i < 12; ++i) {
      turn(*there[0]);
      turn(*there[1]);
    }
    litmus::check(other.released(), "what one domain holds keeps what another has retired");
    for (std::optional<lull::participant>& one : there) one.reset();
    members::after();
  }
};

const litmus::enlisted<two_domains> listed{"two_domains", 2};

}  // namespace
