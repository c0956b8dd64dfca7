// SPDX-License-Identifier: MIT
// expect: a scope was destroyed with 2 tasks running, the oldest "sleeper", now at
// expect: scope_with_running_tasks.cpp:10; co_await its join() first
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> endless() { co_await lull::sleep(std::chrono::hours(1)); }

lull::task<> misuse() {
  lull::scope dropped;
  dropped.spawn({.name = "sleeper"}, endless);
  dropped.spawn(endless);
  co_await lull::yield();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
