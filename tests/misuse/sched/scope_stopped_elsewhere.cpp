// SPDX-License-Identifier: MIT
// expect: a scope whose tasks run on core 0 was asked to stop on a thread that is no core; go to
#include <lull/lull.hpp>

#include <thread>

namespace {

lull::task<> wait() { co_await lull::sleep(std::chrono::hours(1)); }

lull::task<> misuse() {
  lull::scope tasks;
  tasks.spawn(wait);
  co_await lull::yield();
  std::thread([&tasks] { tasks.request_stop(); }).join();
  co_await tasks.join();
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
