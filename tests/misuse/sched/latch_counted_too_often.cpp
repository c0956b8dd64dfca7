// SPDX-License-Identifier: MIT
// expect: a latch with 1 left to count was counted down by 2; make it with the number of all that
// count
#include <lull/lull.hpp>

void program() {
  lull::latch l(2);
  l.count_down();
  l.count_down(2);
}
