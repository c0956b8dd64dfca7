// SPDX-License-Identifier: MIT
// expect: a node was linked into a list while it is in one
#include <lull/base/intrusive_list.hpp>

struct node : lull::detail::list_node {};

void program() {
  node one;
  lull::detail::intrusive_list<node> list;
  list.push_back(one);
  list.push_back(one);
}
