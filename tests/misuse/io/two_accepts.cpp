// SPDX-License-Identifier: MIT
// expect: a listener is accepted from by two coroutines at a time
#include "connection.hpp"

namespace {

lull::task<> accept_one(lull::tcp_listener& listener) { auto stream = co_await listener.accept(); }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope scope;
    scope.spawn(accept_one, std::ref(listener));
    scope.spawn(accept_one, std::ref(listener));
    co_await scope.join();
  });
}
