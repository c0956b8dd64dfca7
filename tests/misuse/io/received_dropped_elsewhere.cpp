// SPDX-License-Identifier: MIT
// expect: drop them where they were received, and copy what another core needs
#include <thread>

#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.far.send_all("bytes");
    sent.value();
    auto got = co_await both.near.receive();
    std::thread([&got] { got->reset(); }).join();
  });
}
