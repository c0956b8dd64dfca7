// SPDX-License-Identifier: MIT
// expect: an empty task was awaited
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<int> number() { co_return 1; }

lull::task<> misuse() {
  auto here = number();
  auto there = std::move(here);
  co_await std::move(there);
  co_await std::move(here);
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
