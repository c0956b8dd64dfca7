// SPDX-License-Identifier: MIT
// expect: grace_period was called on a thread that is no core
#include <lull/sched/grace_period.hpp>

#include <lull/sched/task.hpp>

namespace {

// A coroutine of its own, on a thread with a participant and without a core.
struct starter {
  struct promise_type {
    starter get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

starter start() { (void)co_await lull::grace_period(); }

}  // namespace

void program() {
  lull::domain domain;
  lull::participant me(domain);
  start();
}
