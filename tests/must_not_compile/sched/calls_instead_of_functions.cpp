// SPDX-License-Identifier: MIT
// expect: run_on takes a callable and the arguments of its call, kept as values until then: pass
#include <lull/sched/run_on.hpp>

lull::task<int> number();

lull::task<> asks_with_a_call() { (void)co_await lull::run_on(1, number()); }
