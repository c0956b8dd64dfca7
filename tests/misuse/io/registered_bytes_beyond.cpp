// SPDX-License-Identifier: MIT
// expect: 4097 bytes from 0 on were asked for of 4096 bytes of a registered buffer
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::registered_buffers buffers(1, 4096);
    const auto buffer = co_await buffers.acquire();
    (void)buffer.first(4097);
  });
}
