// SPDX-License-Identifier: MIT
// expect: a scope was destroyed with 1 tasks running on core 0; co_await its join() first
#include <memory>
#include <utility>

#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>

namespace {

lull::task<> keeps(std::shared_ptr<lull::scope>) { co_await lull::yield(); }

lull::task<> misuse() {
  auto all = std::make_shared<lull::scope>();
  all->spawn(keeps, all);
  all.reset();  // the scope goes with the task, which ends then, and is looked at no more
  for (int i = 0; i < 10; ++i) co_await lull::yield();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
