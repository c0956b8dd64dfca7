// SPDX-License-Identifier: MIT

// What is left behind goes from hand to hand: order(orphan_push), order(orphan_take). Two leave
// something at once, one takes it. Must hold: what is taken is seen as it was left, the links to
// what lies below it included, and nothing is taken twice or lost.

#include <lull/reclaim/orphans.hpp>

#include "shared.hpp"

namespace {

struct orphans : litmus::run {
  struct node {
    node* next = nullptr;
    litmus::object content;
    bool taken = false;
  };

  lull::detail::orphan_stack<node> stack;
  node nodes[3];

  void thread(unsigned index) override {
    if (index == 0) leave(nodes[0]);
    if (index == 1) {
      leave(nodes[1]);
      take_all();
    }
    if (index == 2) {
      take_all();
      leave(nodes[2]);
      take_all();
    }
  }

  void leave(node& one) {
    one.content.write();
    stack.push(one);
  }

  void take_all() {
    for (node* at = stack.take(); at != nullptr; at = at->next) {
      at->content.write();
      litmus::check(!at->taken, "the same thing was taken twice");
      at->taken = true;
    }
  }

  void after() override {
    take_all();
    litmus::check(stack.empty() && stack.size() == 0,
                  "nothing is left and yet something is counted");
    for (const node& one : nodes) litmus::check(one.taken, "something was left and never taken");
  }
};

const litmus::enlisted<orphans> listed{"orphans", 3};

}  // namespace
