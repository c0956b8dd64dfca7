// SPDX-License-Identifier: MIT

// The box by hand: order(box_push), order(box_take). Two send what they have used, the owner takes
// it or closes the box. Must hold: what is taken is seen as it was sent; what could not be sent
// stays with the sender, alone, and nothing is lost.

#include <lull/base/closable_stack.hpp>

#include "holders.hpp"

namespace {

struct boxed {
  litmus::object content;
  bool done = false;
  boxed* next = nullptr;
};

struct home_box : litmus::run {
  lull::detail::closable_stack<boxed> box;
  boxed sent[2];

  home_box() { box.open(); }

  void thread(unsigned index) override {
    if (index < 2) {
      boxed& one = sent[index];
      one.content.read();
      if (box.push(one, one)) return;
      litmus::check(one.next == nullptr, "what could not be sent is linked to what was");
      one.done = true;
      return;
    }
    if (litmus::random(2) == 0) finish(box.take());
    finish(box.close());
  }

  static void finish(boxed* taken) {
    for (; taken != nullptr; taken = taken->next) {
      taken->content.write();
      taken->done = true;
    }
  }

  void after() override {
    for (const boxed& one : sent) litmus::check(one.done, "something was sent home and is lost");
    litmus::check(box.empty(), "something lies in a box that is closed");
  }
};

const litmus::enlisted<home_box> listed{"home_box", 3};

}  // namespace
