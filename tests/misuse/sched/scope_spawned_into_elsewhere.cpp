// SPDX-License-Identifier: MIT
// expect: a scope whose tasks run on core 0 was spawned into on core 1; go to that core with run_on
#include <lull/lull.hpp>

namespace {

lull::task<> nothing() { co_return; }

lull::task<> misuse() {
  if (lull::this_core() != 0) co_return;
  lull::scope tasks;
  tasks.spawn([]() -> lull::task<> { co_await lull::sleep(std::chrono::hours(1)); });
  co_await lull::run_on(1, [&tasks] { tasks.spawn(nothing); });
  co_await tasks.join();
}

}  // namespace

void program() {
  const unsigned processor = lull::all_cores()[0];
  lull::run({.cores = {processor, processor}}, misuse);
}
