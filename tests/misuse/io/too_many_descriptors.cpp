// SPDX-License-Identifier: MIT
// expect: 17 descriptors were to be passed with one message, which takes 16
#include <array>

#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto socket = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    const std::array<int, 17> descriptors{};
    auto sent = co_await socket.send("bytes", descriptors);
  });
}
