// SPDX-License-Identifier: MIT
// expect: a participant is destroyed with 1 holds, one of them taken at
// expect: core_with_holds.cpp:16: drop them first
#include <lull/reclaim/hold.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>

#include <optional>

namespace {

int object = 0;
std::optional<lull::hold<int>> left;

lull::task<> misuse() {
  left.emplace(lull::hold(lull::ref<int>(&object)));
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
