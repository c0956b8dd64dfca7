// SPDX-License-Identifier: MIT

// The box by hand: order(box_push), order(box_take). One sends what it has used, the owner takes
// it or closes the box. Must hold: what is taken is seen as it was sent; what could not be sent
// stays with the sender, and nothing is lost.

#include "holders.hpp"

namespace {

struct boxed : lull::homed<boxed> {
  litmus::object content;
  bool done = false;
};

struct home_box : litmus::run {
  lull::detail::home_box box;
  boxed one;

  home_box() { box.open(); }

  void thread(unsigned index) override {
    if (index == 0) {
      one.content.read();
      if (!box.push(one, one)) one.done = true;
      return;
    }
    if (litmus::random(2) == 0) finish(box.take());
    finish(box.close());
  }

  static void finish(lull::detail::retirable_base* taken) {
    if (taken == nullptr) return;
    static_cast<boxed*>(taken)->content.write();
    static_cast<boxed*>(taken)->done = true;
  }

  void after() override {
    litmus::check(one.done, "something was sent home and is lost");
    litmus::check(box.empty(), "something lies in a box that is closed");
  }
};

const litmus::enlisted<home_box> listed{"home_box", 2};

}  // namespace
