// SPDX-License-Identifier: MIT
// expect: a udp_socket without a socket was used
#include <lull/lull.hpp>
#include <utility>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto socket = lull::udp_socket::bind(lull::address::loopback(0)).value();
    const lull::udp_socket moved = std::move(socket);
    auto sent = co_await socket.send("bytes");
    sent.value();
  });
}
