// SPDX-License-Identifier: MIT
// expect: a stall_threshold of 10 ns was asked for
// expect: give more, or zero for no looking at all
#include <lull/lull.hpp>

void program() {
  lull::runtime one(
      {.cores = {lull::all_cores()[0]}, .stall_threshold = std::chrono::nanoseconds(10)});
}
