// SPDX-License-Identifier: MIT
// expect: an accept_balance was destroyed with 0 connections on core 0, or its listener; make it
// before the runtime
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    std::optional<lull::accept_balance> balance(std::in_place);
    auto listener =
        lull::tcp_listener::bind(lull::address::loopback(0), {.balance = &*balance}).value();
    balance.reset();
    co_return;
  });
}
