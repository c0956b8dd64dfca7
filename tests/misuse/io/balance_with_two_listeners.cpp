// SPDX-License-Identifier: MIT
// expect: two listeners of core 0 have the same accept_balance; make one for each address
#include "connection.hpp"

void program() {
  lull::accept_balance balance;
  lull::run({.cores = {0}}, [&balance]() -> lull::task<> {
    const lull::listen_options options{.balance = &balance};
    auto first = lull::tcp_listener::bind(lull::address::loopback(0), options);
    auto second = lull::tcp_listener::bind(lull::address::loopback(0), options);
    co_return;
  });
}
