// SPDX-License-Identifier: MIT
// expect: buffers of 4294967296 bytes
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::choose_buffers({.count = 1, .bytes = std::size_t{1} << 32});
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    auto near = co_await lull::connect(listener.local());
    (void)co_await lull::timeout(std::chrono::milliseconds(10), near->receive());
  });
}
