// SPDX-License-Identifier: MIT
// expect: a registered buffer that is none was used (moved from, or acquire() was stopped)
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::registered_buffers buffers(1, 4096);
    auto buffer = co_await buffers.acquire();
    const auto moved = std::move(buffer);
    (void)buffer.data();
  });
}
