// SPDX-License-Identifier: MIT
// expect: a task that waits on core 0 was released from elsewhere; what it waits for belongs to
#include <lull/lull.hpp>

#include <thread>

namespace {

lull::event e;

lull::task<> wait() { co_await e.wait(); }

lull::task<> misuse() {
  lull::spawn(wait);
  co_await lull::yield();
  std::thread([] { e.set(); }).join();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
