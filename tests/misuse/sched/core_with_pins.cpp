// SPDX-License-Identifier: MIT
// expect: a participant is destroyed with 1 pins, the oldest taken at
// expect: core_with_pins.cpp:15: drop them first
#include <lull/reclaim/pin.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>

#include <optional>

namespace {

std::optional<lull::pin> left;

lull::task<> misuse() {
  left.emplace(lull::pin());
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
