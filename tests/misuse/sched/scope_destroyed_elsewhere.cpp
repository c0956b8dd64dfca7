// SPDX-License-Identifier: MIT
// expect: a scope was destroyed with 2 tasks running on core 0; co_await its join() first
#include <chrono>
#include <optional>

#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

std::optional<lull::scope> left;

lull::task<> endless() { co_await lull::sleep(std::chrono::hours(1)); }

lull::task<> misuse() {
  if (lull::this_core() != 0) co_return;
  left.emplace();
  left->spawn(endless);
  left->spawn(endless);
  co_await lull::run_on(1, [] { left.reset(); });
}

}  // namespace

void program() {
  const unsigned cpu = lull::all_cores()[0];
  lull::run({.cores = {cpu, cpu}}, misuse);
}
