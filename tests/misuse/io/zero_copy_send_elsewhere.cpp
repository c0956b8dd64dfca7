// SPDX-License-Identifier: MIT
// expect: send_all_zero_copy was called on a socket of core 0 from another core
#include "connection.hpp"

void program() {
  lull::tcp_stream* shared = nullptr;
  lull::run({.cores = {0, 0}}, [&]() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    connection both = co_await connected();
    shared = &both.near;
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto sent = co_await shared->send_all_zero_copy(std::string("bytes"));
      sent.value();
    });
  });
}
