// SPDX-License-Identifier: MIT
// expect: a connection_pool was destroyed with 1 idle connections
#include "connection.hpp"

#include <optional>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    std::optional<lull::connection_pool<>> pool(listener.local());
    {
      auto acquiring = pool->acquire();
      auto connection = co_await std::move(acquiring);
      connection->keep();
    }
    pool.reset();
  });
}
