// SPDX-License-Identifier: MIT
// expect: synchronize() blocks, and was called on a core: co_await lull::grace_period()
#include <lull/sched/runtime.hpp>

namespace {

lull::task<> misuse() {
  lull::participant::current()->synchronize();
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
