// SPDX-License-Identifier: MIT

// What is deferred lies in limbo without an object, beside objects that are looked up among what is
// held: order(hold_publish). Must hold: it is called after its grace period, though something is
// held; and the held object is released when the hold has gone, not before.

#include "holders.hpp"

namespace {

struct hold_defer : members {
  int called = 0;

  hold_defer() : members(2) {}

  void thread(unsigned index) override {
    lull::participant& mine = *member[index];
    if (index == 0) {
      object_hold keep = hold_by(mine, other);
      replace(mine);
      mine.defer([this]() noexcept { ++called; });
      turns(mine, 6);
      other.read();
      drop_by(mine, keep);
    } else {
      use();
      turns(mine, 3);
      mine.offline();
    }
  }

  void after() override {
    if (!member[1]->is_online()) member[1]->online();
    member[1].reset();
    turns(*member[0], 12);
    litmus::check(called == 1, "what was deferred was not called, or twice");
    litmus::check(old.released(), "an object was retired and is not released");
    members::after();
  }
};

const litmus::enlisted<hold_defer> listed{"hold_defer", 2};

}  // namespace
