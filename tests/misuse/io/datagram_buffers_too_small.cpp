// SPDX-License-Identifier: MIT
// expect: datagram buffers of 64 bytes were chosen
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::choose_datagram_buffers({.count = 2, .bytes = 64});
    co_return;
  });
}
