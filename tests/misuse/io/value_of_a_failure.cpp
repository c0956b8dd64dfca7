// SPDX-License-Identifier: MIT
// expect: the value of a failed operation was used: listen on 203.0.113.1:0
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::parse("203.0.113.1:0").value());
    co_await listener->close();
  });
}
