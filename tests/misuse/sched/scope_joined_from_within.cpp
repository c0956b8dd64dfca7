// SPDX-License-Identifier: MIT
// expect: a task joins the scope it runs in, and would wait for itself
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> misuse() {
  lull::scope own;
  own.spawn([&own]() -> lull::task<> { co_await own.join(); });
  co_await own.join();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
