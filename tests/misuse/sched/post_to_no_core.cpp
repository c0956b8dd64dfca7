// SPDX-License-Identifier: MIT
// expect: core 7 was asked for, but there are only 1 cores
#include <lull/lull.hpp>

void program() {
  lull::runtime one({.cores = {lull::all_cores()[0]}});
  if (one.post(7, [] {})) one.request_stop();
}
