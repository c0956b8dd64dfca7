// SPDX-License-Identifier: MIT
// expect: core_options::resumes_per_iteration is 0, so no task would ever run; give at least 1
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {lull::all_cores()[0]}, .core = {.resumes_per_iteration = 0}},
            []() -> lull::task<> { co_return; });
}
