// SPDX-License-Identifier: MIT
// expect: a running task was dropped; await it to its end, or spawn it into a scope
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

namespace {

// Starts a task and drops it while it sleeps: no coroutine of lull's own can do this.
struct starter {
  struct promise_type {
    starter get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

starter start(lull::task<>& running) { co_await std::move(running); }

lull::task<> misuse() {
  auto running = []() -> lull::task<> { co_await lull::sleep(std::chrono::hours(1)); }();
  start(running);
  co_return;
}

}  // namespace

void program() { lull::run({.cores = {lull::all_cores()[0]}}, misuse); }
