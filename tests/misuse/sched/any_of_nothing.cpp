// SPDX-License-Identifier: MIT
// expect: when_any of an empty range would wait for ever
#include <vector>

#include <lull/sched/runtime.hpp>
#include <lull/sched/when_any.hpp>

namespace {

lull::task<> misuse() {
  std::vector<lull::task<int>> none;
  (void)co_await lull::when_any(std::move(none));
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
