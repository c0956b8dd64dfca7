// SPDX-License-Identifier: MIT
// expect: place 64 of a buffer table was emptied, in which nothing is
#include <lull/ring/buffer_table.hpp>

void program() {
  lull::ring ring;
  lull::buffer_table table(ring, 64);
  table.remove(64);
}
