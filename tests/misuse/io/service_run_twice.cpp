// SPDX-License-Identifier: MIT
// expect: a service runs once; make another one
#include "connection.hpp"

namespace {

lull::task<> ignore(lull::tcp_stream, lull::session&) { co_return; }

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::service of;
    for (int i = 0; i < 2; ++i) {
      auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
      auto running = of.run(listener, ignore);
      auto ended = co_await lull::timeout(std::chrono::milliseconds(1), std::move(running));
    }
  });
}
