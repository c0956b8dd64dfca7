// SPDX-License-Identifier: MIT
// expect: an empty task was awaited (moved from, perhaps)
#include <lull/sched/runtime.hpp>
#include <lull/sched/when_all.hpp>

namespace {

lull::task<int> number() { co_return 1; }

lull::task<> misuse() {
  auto one = number();
  auto taken = std::move(one);
  co_await lull::when_all(std::move(taken), std::move(one));
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
