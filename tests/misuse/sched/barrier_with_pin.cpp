// SPDX-License-Identifier: MIT
// expect: barrier was awaited by a task with a pin, taken at
// expect: barrier_with_pin.cpp:9, which holds up what it waits for: drop the pin before
#include <lull/lull.hpp>

namespace {

lull::task<> misuse() {
  const lull::pin walking;
  co_await lull::yield();
  (void)co_await lull::barrier();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
