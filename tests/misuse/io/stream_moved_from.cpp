// SPDX-License-Identifier: MIT
// expect: a stream without a connection was used
#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    const lull::tcp_stream moved = std::move(both.near);
    auto sent = co_await both.near.send_all("bytes");
    sent.value();
  });
}
