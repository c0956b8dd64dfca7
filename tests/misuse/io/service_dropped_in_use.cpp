// SPDX-License-Identifier: MIT
// expect: a service was destroyed while it runs
#include "connection.hpp"

#include <optional>

namespace {

lull::task<> ignore(lull::tcp_stream, lull::session&) { co_return; }

lull::task<> run(lull::service& of) {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  auto running = of.run(listener, ignore);
  auto ended = co_await std::move(running);
}

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    std::optional<lull::service> of(std::in_place);
    lull::scope scope;
    scope.spawn(run, std::ref(*of));
    co_await lull::yield();
    of.reset();
    co_await scope.join();
  });
}
