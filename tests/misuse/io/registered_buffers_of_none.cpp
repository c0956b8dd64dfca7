// SPDX-License-Identifier: MIT
// expect: 0 registered buffers of 4096 bytes were asked for; there is one at least
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    const lull::registered_buffers buffers(0, 4096);
    co_return;
  });
}
