// SPDX-License-Identifier: MIT
// Connections that nobody takes on the core that they came to.
#include <lull/io/accept_balance.hpp>

#include <sys/socket.h>

#include <chrono>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "../few_descriptors.hpp"
#include "two_accepting_cores.hpp"

using io_test::two_accepting_cores;
using namespace std::chrono_literals;

TEST_CASE("a client waited at a core without room for it while another had some") {
  two_accepting_cores all;
  all.cores.turn();  // their listeners have begun
  for (unsigned i = 0; i < 2; ++i) all.stop_accepting(i);
  all.peers.emplace_back(all.listeners[0]->local());
  all.cores.turn_until([&] { return all.counts()[0] == 1; });
  all.turn_for(20ms);  // looks in vain
  all.accept_again(1);
  all.turn_for(20ms);
  CHECK(all.taken[1].size() == 1);
  CHECK(all.counts() == std::vector<unsigned>{0, 1});
  // And one that came to a core where somebody waits goes there at once.
  all.peers.emplace_back(all.listeners[0]->local());
  all.cores.turn_until([&] { return all.taken[1].size() == 2; });
}

TEST_CASE("of two that came at once the second waited for who had taken the first") {
  two_accepting_cores all;
  for (unsigned i = 0; i < 2; ++i) all.stop_accepting(i);
  io_test::streams first;
  {
    const lull::core::inside here(*all.cores.cores[0]);
    all.accepting[0].emplace().spawn([&]() -> lull::task<> {
      auto taken = co_await all.listeners[0]->accept();
      first.push_back(std::move(taken).value());
    });
  }
  all.cores.turn();
  for (int i = 0; i < 2; ++i) all.peers.emplace_back(all.listeners[0]->local());
  all.cores.turn_until([&] { return first.size() == 1 && all.counts()[0] == 2; });
  all.accept_again(1);
  all.turn_for(20ms);
  CHECK(all.taken[1].size() == 1);
  CHECK(all.counts() == std::vector<unsigned>{1, 1});
  const lull::core::inside here(*all.cores.cores[0]);
  first.clear();
}

TEST_CASE("a core where nobody took connections had stopped accepting any for the others") {
  {
    two_accepting_cores before;  // UBSan needs descriptors for its first look at a type
    before.connect_to(0, 1);
  }
  two_accepting_cores all;
  const lull::address there = all.listeners[0]->local();
  const int client = ::socket(there.family(), SOCK_STREAM, 0);
  {
    // So that accepting ends, with a pause: it has the limit that it began with.
    const test::few_descriptors none(3);
    all.cores.turn();
    for (unsigned i = 0; i < 2; ++i) all.stop_accepting(i);
    REQUIRE(::connect(client, there.data(), there.size()) == 0);
    all.turn_for(5ms);
  }
  all.peers.emplace_back(client);
  CHECK(all.counts() == std::vector<unsigned>{0, 0});
  all.accept_again(1);
  all.turn_for(300ms);
  CHECK(all.taken[1].size() == 1);
}

TEST_CASE("a core that had no memory for a connection was given no other") {
  test::need_allocations();
  two_accepting_cores all;
  all.cores.turn();
  all.stop_accepting(0);
  all.peers.emplace_back(all.listeners[0]->local());
  const auto iterate = [&](unsigned core) {
    all.cores.cores[core]->iterate(lull::when_idle::come_back);
  };
  for (int i = 0; i < 100'000 && all.counts()[1] == 0; ++i) iterate(0);
  iterate(0);  // which sends it
  {
    const test::failing_allocations none(0);
    iterate(1);
  }
  REQUIRE(all.counts() == std::vector<unsigned>{0, 0});
  all.peers.emplace_back(all.listeners[0]->local());
  all.cores.turn_until([&] { return all.taken[1].size() == 1; });
}
