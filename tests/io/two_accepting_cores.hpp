// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <lull/io/accept_balance.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>

#include "../sched/helpers.hpp"
#include "raw_peer.hpp"

namespace io_test {

using streams = std::vector<lull::tcp_stream>;

inline lull::task<> keep_all(lull::tcp_listener* listener, streams* into,
                             std::atomic<unsigned>* count) {
  while (true) {
    auto peer = co_await listener->accept();
    if (!peer) co_return;
    into->push_back(std::move(*peer));
    if (count != nullptr) ++*count;
  }
}

// Two cores in this thread that accept whatever comes.
struct two_accepting_cores {
  lull::accept_balance balance;
  test::driven_cores cores{2};
  std::array<std::optional<lull::tcp_listener>, 2> listeners;
  std::array<std::optional<lull::scope>, 2> accepting;
  std::array<streams, 2> taken;
  std::vector<raw_peer> peers;

  two_accepting_cores() {
    for (unsigned i = 0; i < 2; ++i) {
      const lull::core::inside here(*cores.cores[i]);
      listeners[i].emplace(
          lull::tcp_listener::bind(lull::address::loopback(0), {.balance = &balance}).value());
      accepting[i].emplace().spawn(keep_all, &*listeners[i], &taken[i], nullptr);
    }
  }
  ~two_accepting_cores() {
    drop();
    for (unsigned i = 0; i < 2; ++i) stop_accepting(i);
    for (unsigned i = 0; i < 2; ++i) {
      const lull::core::inside here(*cores.cores[i]);
      accepting[i].reset();
      listeners[i].reset();
    }
  }

  void stop_accepting(unsigned core) {
    {
      const lull::core::inside here(*cores.cores[core]);
      accepting[core]->request_stop();
    }
    cores.turn_until([&] { return accepting[core]->size() == 0; });
  }
  void accept_again(unsigned core) {
    const lull::core::inside here(*cores.cores[core]);
    accepting[core].emplace().spawn(keep_all, &*listeners[core], &taken[core], nullptr);
  }
  void turn_for(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds step{1};
    for (; time.count() > 0; time -= step) {
      cores.clock.advance(step);
      cores.turn();
    }
  }
  std::vector<unsigned> counts() {
    const lull::core::inside here(*cores.cores[0]);
    return balance.connections();
  }
  void connect_to(unsigned core, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      peers.emplace_back(listeners[core]->local());
      cores.turn_until([&] { return taken[0].size() + taken[1].size() == peers.size(); });
    }
  }
  void drop() {
    for (unsigned i = 0; i < 2; ++i) {
      const lull::core::inside here(*cores.cores[i]);
      taken[i].clear();
    }
    peers.clear();
  }
};

}  // namespace io_test
