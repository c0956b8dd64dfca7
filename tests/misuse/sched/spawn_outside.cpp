// SPDX-License-Identifier: MIT
// expect: core::current() was called on a thread that is no core
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> nothing() { co_return; }

}  // namespace

void program() { lull::spawn(nothing); }
