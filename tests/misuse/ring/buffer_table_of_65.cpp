// SPDX-License-Identifier: MIT
// expect: a buffer table was asked for with 65 places; it has 1 to 64
#include <lull/ring/buffer_table.hpp>

void program() {
  lull::ring ring;
  lull::buffer_table table(ring, 65);
}
