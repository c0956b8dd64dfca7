// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a connection on this core, for programs that misuse one of them.

#include <lull/lull.hpp>
#include <utility>

struct connection {
  connection(lull::tcp_stream a, lull::tcp_stream b) noexcept
      : near(std::move(a)), far(std::move(b)) {}

  lull::tcp_stream near;
  lull::tcp_stream far;
};

inline lull::task<connection> connected() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  auto near = co_await lull::connect(listener.local());
  auto far = co_await listener.accept();
  co_return connection(std::move(near).value(), std::move(far).value());
}
