// SPDX-License-Identifier: MIT
#pragma once

// Who is at the other end of a connection_pool, and who uses it.

#include <string>
#include <vector>

#include <lull/io/connection_pool.hpp>
#include <lull/sched/event.hpp>

#include "echo_service.hpp"
#include "running_service.hpp"

namespace io_test {

// An echo that can be told to end its connections.
struct echo_peer {
  lull::tcp_listener listener = any_port();
  lull::scope connections;

  echo_peer() { connections.spawn(io_test::serve_echo, std::ref(listener), std::ref(connections)); }
  std::size_t open() const noexcept { return connections.size() - 1; }  // one accepts
  lull::task<> end() {
    co_await listener.close();
    co_await connections.join();
  }
};

inline lull::task<std::string> ask(lull::tcp_stream& stream, std::string_view text) {
  auto sent = co_await stream.send_all(text);
  auto got = co_await stream.receive();
  co_return sent&& got ? std::string(got->text()) : "failed";
}

// Acquires one, notes that, and keeps it until it may go.
inline lull::task<> use_one(lull::connection_pool<>& pool, int number, std::vector<int>& order,
                            lull::event& may_go) {
  auto acquiring = pool.acquire();
  auto connection = co_await std::move(acquiring);
  order.push_back(connection ? number : -number);
  if (!connection) co_return;
  co_await may_go.wait();
  connection->keep();
}

inline lull::task<bool> has(const lull::connection_pool<>& pool,
                            std::uint64_t lull::pool_statistics::* count, std::uint64_t value) {
  auto waiting = comes_true([&] { return pool.statistics().*count == value; });
  co_return co_await std::move(waiting);
}

}  // namespace io_test
