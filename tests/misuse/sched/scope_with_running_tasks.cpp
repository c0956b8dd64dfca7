// SPDX-License-Identifier: MIT
// expect: a scope was destroyed with 1 tasks running; co_await its join() first
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> endless() { co_await lull::sleep(std::chrono::hours(1)); }

lull::task<> misuse() {
  lull::scope dropped;
  dropped.spawn(endless);
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
