// SPDX-License-Identifier: MIT
// Stops in a debugger (SIGTRAP) with one task running, one waiting two coroutines deep, and one
// that is still to begin.

#include <csignal>

#include <lull/lull.hpp>

namespace {

lull::task<> nap() { co_await lull::sleep(std::chrono::hours(1)); }

lull::task<> serve_somebody() {
  auto napping = nap();
  co_await std::move(napping);
}

lull::task<> stop_here() {
  co_await lull::yield();
  lull::spawn(lull::task_options{.name = "beginner"}, nap);
  std::raise(SIGTRAP);
  std::_Exit(0);
}

lull::task<> start_all() {
  lull::spawn(lull::task_options{.name = "session"}, serve_somebody);
  lull::spawn(stop_here);
  co_return;
}

}  // namespace

int main() { return lull::run({.cores = {lull::all_cores()[0]}}, start_all); }
