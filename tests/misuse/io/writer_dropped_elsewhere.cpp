// SPDX-License-Identifier: MIT
// expect: a writer is used and dropped on the core that made it
#include "connection.hpp"

#include <optional>
#include <thread>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    std::optional<lull::buffered_writer<lull::tcp_stream>> to(both.near);
    std::thread([&to] { to.reset(); }).join();
  });
}
