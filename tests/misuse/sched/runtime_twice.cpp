// SPDX-License-Identifier: MIT
// expect: a runtime runs once; make another one
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

lull::task<> nothing() { co_return; }

}  // namespace

void program() {
  lull::runtime runtime({.cores = {lull::all_cores()[0]}});
  runtime.run(nothing);
  runtime.run(nothing);
}
