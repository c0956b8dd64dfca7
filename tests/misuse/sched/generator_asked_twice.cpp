// SPDX-License-Identifier: MIT
// expect: a generator was asked for more by two coroutines at a time
#include <lull/sched/async_generator.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::async_generator<int> slow() {
  co_await lull::sleep(std::chrono::hours(1));
  co_yield 1;
}

lull::task<> misuse() {
  auto all = slow();
  lull::scope other;
  other.spawn([&all]() -> lull::task<> { co_await all.next(); });
  other.spawn([&all]() -> lull::task<> { co_await all.next(); });
  co_await other.join();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
