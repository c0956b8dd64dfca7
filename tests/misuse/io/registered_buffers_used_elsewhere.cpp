// SPDX-License-Identifier: MIT
// expect: acquire was called on registered_buffers of core 0 from elsewhere; they are lent, used
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::registered_buffers buffers(1, 4096);
    co_await lull::offload([&] { (void)buffers.try_acquire(); });
  });
}
