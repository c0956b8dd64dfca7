// SPDX-License-Identifier: MIT
// expect: this type has its retirable or homed from a base that would be deleted instead of it
#include <lull/reclaim/retire.hpp>

struct node : lull::retirable<node> {};
struct leaf : node {
  int* more = new int;
  ~leaf() { delete more; }
};

void hand_over(leaf* one) { lull::retire(one); }  // refused
