// SPDX-License-Identifier: MIT
// expect: let streams and listeners go before the tasks of their core end
#include "connection.hpp"

void program() {
  lull::tcp_stream kept;
  lull::run({.cores = {0}}, [&]() -> lull::task<> {
    connection both = co_await connected();
    kept = std::move(both.near);
  });
}
