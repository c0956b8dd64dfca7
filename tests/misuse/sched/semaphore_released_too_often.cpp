// SPDX-License-Identifier: MIT
// expect: a semaphore with 1 tokens was given 18446744073709551615 more than can be counted
#include <lull/lull.hpp>

void program() {
  lull::semaphore s(1);
  s.release(static_cast<std::size_t>(-1));
}
