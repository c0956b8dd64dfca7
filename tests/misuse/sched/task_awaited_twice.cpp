// SPDX-License-Identifier: MIT
// expect: a task was awaited twice; its result is taken
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<int> number() { co_return 1; }

lull::task<> misuse() {
  auto once = number();
  co_await std::move(once);
  co_await std::move(once);
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
