// SPDX-License-Identifier: MIT
// expect: a socket is used and dropped on the core that made it
#include <thread>

#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    std::thread([&both] { both.near = lull::tcp_stream(); }).join();
  });
}
