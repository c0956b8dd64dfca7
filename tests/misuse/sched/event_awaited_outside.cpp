// SPDX-License-Identifier: MIT
// expect: event::wait was called on a thread that is no core; call it inside lull::run, or reach a
#include <lull/lull.hpp>

namespace {

struct fire_and_forget {
  struct promise_type {
    fire_and_forget get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

fire_and_forget wait(lull::event& e) { co_await e.wait(); }

}  // namespace

void program() {
  lull::event e;
  wait(e);
}
