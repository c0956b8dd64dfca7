// SPDX-License-Identifier: MIT
// expect: a list is destroyed while something is linked into it
#include <lull/base/intrusive_list.hpp>

struct node : lull::detail::list_node {};

void program() {
  node one;
  lull::detail::intrusive_list<node> list;
  list.push_back(one);
}
