// SPDX-License-Identifier: MIT
// expect: somebody drops out of a phase_barrier that expects nobody else; make it with the number
// of
#include <lull/lull.hpp>

void program() {
  lull::phase_barrier b(1);
  b.arrive_and_drop();
  b.arrive_and_drop();
}
