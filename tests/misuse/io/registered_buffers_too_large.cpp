// SPDX-License-Identifier: MIT
// expect: 3 registered buffers of 536870912 bytes were asked for; there is one at least
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    const lull::registered_buffers buffers(3, std::size_t{1} << 29);
    co_return;
  });
}
