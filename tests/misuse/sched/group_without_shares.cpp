// SPDX-License-Identifier: MIT
// expect: the group of tasks "background" has 0 shares and would never run
#include <lull/lull.hpp>

void program() {
  lull::run(
      {.cores = {lull::all_cores()[0]}, .core = {.groups = {{"requests", 100}, {"background", 0}}}},
      []() -> lull::task<> { co_return; });
}
