// SPDX-License-Identifier: MIT
// expect: were chosen after its first receive of datagrams; choose them before
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto socket = lull::udp_socket::bind(lull::address::loopback(0)).value();
    const lull::address here = socket.local().value();
    auto sent = co_await socket.send_to(here, "bytes");
    sent.value();
    auto got = co_await socket.receive();
    lull::choose_datagram_buffers({.count = 2, .bytes = 4096});
  });
}
