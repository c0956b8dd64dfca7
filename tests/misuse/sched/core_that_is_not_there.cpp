// SPDX-License-Identifier: MIT
// expect: core 7 was asked for, but there are only 1 cores
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> misuse() {
  co_await lull::run_on(7, [] {});
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
