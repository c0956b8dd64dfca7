// SPDX-License-Identifier: MIT
// expect: a scope was destroyed with 1 tasks running, the oldest
// expect: ; an exception leaves its block
#include <stdexcept>

#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> misuse() {
  lull::scope left;
  left.spawn([]() -> lull::task<> { co_await lull::sleep(std::chrono::hours(1)); });
  throw std::runtime_error("between spawn and join");
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
