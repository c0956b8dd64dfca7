// SPDX-License-Identifier: MIT
// expect: 9 groups of tasks were asked for; a core takes 8 at most
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {lull::all_cores()[0]}, .core = {.groups = std::vector<lull::task_group>(9)}},
            []() -> lull::task<> { co_return; });
}
