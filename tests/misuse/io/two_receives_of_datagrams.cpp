// SPDX-License-Identifier: MIT
// expect: a socket is received from by two coroutines at a time
#include <lull/lull.hpp>

namespace {

lull::task<> receive(lull::udp_socket& socket) { auto got = co_await socket.receive(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto socket = lull::udp_socket::bind(lull::address::loopback(0)).value();
    lull::scope scope;
    scope.spawn(receive, std::ref(socket));
    scope.spawn(receive, std::ref(socket));
    co_await scope.join();
  });
}
