// SPDX-License-Identifier: MIT
#pragma once

// An echo service for tests: ends when its listener does, and each peer when that peer does.

#include <utility>

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/task.hpp>

namespace io_test {

inline lull::task<> echo(lull::tcp_stream stream) {
  for (;;) {
    auto got = co_await stream.receive();
    if (!got || got->empty()) break;
    auto sent = co_await stream.send_all(*got);
    if (!sent) break;
  }
  co_await stream.close();
}

inline lull::task<> serve_echo(lull::tcp_listener& listener, lull::scope& connections) {
  for (;;) {
    auto stream = co_await listener.accept();
    if (!stream) break;
    connections.spawn(echo, std::move(*stream));
  }
}

}  // namespace io_test
