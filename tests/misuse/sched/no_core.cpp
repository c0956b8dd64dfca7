// SPDX-License-Identifier: MIT
// expect: now() was called on a thread that is no core; call it inside lull::run
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

void program() { static_cast<void>(lull::now()); }
