// SPDX-License-Identifier: MIT
// expect: ref_after_sleep.cpp:16 is used after a suspension, at misuse-sched
// expect: Make a lull::hold of it before the co_await
#include <lull/reclaim/ref.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

int object = 7;
int seen = 0;

lull::task<> misuse() {
  // What a find() gives, used before and after a suspension.
  const lull::ref<int> found(&object);
  seen += *found;
  co_await lull::sleep(std::chrono::milliseconds(1));
  seen += *found;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
