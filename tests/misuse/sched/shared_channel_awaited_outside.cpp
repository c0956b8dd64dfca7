// SPDX-License-Identifier: MIT
// expect: shared_channel::receive was called on a thread that is no core
#include <lull/lull.hpp>

namespace {

// A coroutine of another library, on a thread that is no core.
struct foreign {
  struct promise_type {
    foreign get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
};

foreign misuse(lull::shared_channel<int>& from) { co_await from.receive(); }

}  // namespace

void program() {
  lull::shared_channel<int> c(1);
  misuse(c);
}
