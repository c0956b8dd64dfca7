// SPDX-License-Identifier: MIT
#include <lull/io/accept_balance.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/descriptor_limit.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/on_every_core.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>

#include "../sched/helpers.hpp"
#include "../sched/threads.hpp"
#include "on_core.hpp"
#include "raw_peer.hpp"
#include "two_accepting_cores.hpp"

using io_test::keep_all;
using io_test::raw_peer;
using io_test::two_accepting_cores;
using lull::accept_balance;
using lull::address;
using lull::tcp_listener;
using namespace std::chrono_literals;

namespace {

// As many as the process may have open, both ends of each.
unsigned connections_possible(unsigned wanted) {
  (void)lull::allow_descriptors(2 * wanted + 200);
  return static_cast<unsigned>(
      std::min<std::size_t>(wanted, (lull::descriptors_allowed() - 200) / 2));
}

struct balanced_service {
  explicit balanced_service(unsigned connections) : count(connections) {}

  accept_balance balance;
  unsigned count;
  std::atomic<bool> ready{false};
  std::atomic<unsigned> accepted{0};
  std::atomic<bool> over{false};
  address first;
  std::vector<unsigned> ended_with;
  std::atomic<int> refused{0};     // an errno of the client, which is a thread of its own
  std::atomic<int> miscounted{0};  // cores; nothing is asserted on several threads at a time

  // Everybody connects to the port of core 0; the others' listeners are known to nobody.
  lull::task<> core_main() {
    auto listener = tcp_listener::bind(address::loopback(0), {.balance = &balance}).value();
    io_test::streams mine;
    lull::scope all;
    all.spawn(keep_all, &listener, &mine, &accepted);
    co_await lull::broadcast([] {});  // all listen
    if (lull::this_core() == 0) {
      first = listener.local();
      ready = true;
    }
    while (lull::this_core() == 0 && accepted != count && refused == 0) {
      co_await lull::sleep(1ms);
    }
    if (lull::this_core() == 0) {
      ended_with = balance.connections();
      over = true;
    }
    while (!over) co_await lull::sleep(1ms);
    all.request_stop();
    co_await all.join();
    if (mine.size() != balance.connections()[lull::this_core()]) ++miscounted;
  }

  // Holds all its connections until the service has looked.
  void connect_all() {
    std::vector<int> peers;
    while (!ready) std::this_thread::sleep_for(1ms);
    while (peers.size() < count && refused == 0) {
      peers.push_back(::socket(first.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (peers.back() < 0 || ::connect(peers.back(), first.data(), first.size()) != 0) {
        refused = errno;
      }
    }
    while (!over) std::this_thread::sleep_for(1ms);
    for (const int peer : peers) ::close(peer);
  }
};

// Two cores in this thread; the first has one connection, takes no more, and has one more that is
// on its way to the second.
struct one_on_its_way {
  accept_balance balance;
  test::driven_cores cores{2};
  std::array<std::optional<tcp_listener>, 2> listeners;
  std::vector<raw_peer> peers;
  io_test::streams taken;

  one_on_its_way() {
    for (unsigned i = 0; i < 2; ++i) {
      const lull::core::inside here(*cores.cores[i]);
      listeners[i].emplace(tcp_listener::bind(address::loopback(0), {.balance = &balance}).value());
    }
    peers.emplace_back(listeners[0]->local());
    take_on(0);
    peers.emplace_back(listeners[0]->local());
    for (int i = 0; counts()[1] == 0 && i < 100'000; ++i) iterate(0);
    iterate(0);  // which sends it
    REQUIRE(counts() == std::vector<unsigned>{1, 1});
  }
  ~one_on_its_way() {
    for (unsigned i = 0; i < 2; ++i) drop_listener(i);
    const lull::core::inside here(*cores.cores[0]);
    taken.clear();
  }

  void iterate(unsigned core) { cores.cores[core]->iterate(lull::when_idle::come_back); }
  std::vector<unsigned> counts() {
    const lull::core::inside here(*cores.cores[0]);
    return balance.connections();
  }
  void drop_listener(unsigned of) {
    const lull::core::inside here(*cores.cores[of]);
    listeners[of].reset();
  }
  void take_on(unsigned core) {
    cores.run_on_core(core, [&]() -> lull::task<> {
      auto stream = co_await listeners[core]->accept();
      REQUIRE(stream);
      taken.push_back(std::move(*stream));
    });
  }
};

}  // namespace

TEST_CASE("10,000 connections that all come to one core end within 1.2x between cores") {
  const unsigned count = connections_possible(10'000);
  const std::size_t before = io_test::open_descriptors();
  for (const unsigned cores : {2U, 3U}) {
    balanced_service service(count);
    std::thread client([&service] { service.connect_all(); });
    const int status = lull::run(test::some_cores(cores), [&] { return service.core_main(); });
    client.join();
    REQUIRE(status == 0);
    REQUIRE(service.refused == 0);
    CHECK(service.miscounted == 0);
    REQUIRE(service.ended_with.size() == cores);
    const auto [least, most] =
        std::minmax_element(service.ended_with.begin(), service.ended_with.end());
    CHECK(*most * 10 <= *least * 12);
    CHECK(std::accumulate(service.ended_with.begin(), service.ended_with.end(), 0U) == count);
  }
  CHECK(io_test::open_descriptors() == before);
}

TEST_CASE("a connection on its way to a core whose listener closes goes to one that listens") {
  const std::size_t before = io_test::open_descriptors();
  {
    one_on_its_way all;
    all.drop_listener(1);
    all.iterate(1);
    CHECK(all.counts() == std::vector<unsigned>{2, 0});
    all.take_on(0);
    CHECK(all.taken.size() == all.peers.size());
  }
  CHECK(io_test::open_descriptors() == before);
}

TEST_CASE("a share that was large once was kept to when the others had none any more") {
  two_accepting_cores all;
  for (const unsigned core : {1U, 0U}) all.connect_to(core, 40);
  REQUIRE(all.counts()[0] > 2 * lull::limits::balance_slack);
  all.drop();
  all.connect_to(0, 10);
  CHECK(all.counts()[1] >= 2);
}

TEST_CASE("connections waited on a core that took no more while another had room") {
  two_accepting_cores all;
  all.connect_to(0, 2);
  all.stop_accepting(0);
  all.connect_to(0, 2);
  CHECK(all.counts() == std::vector<unsigned>{2, 2});
}

TEST_CASE("a connection on its way when no listener is left is closed") {
  const std::size_t before = io_test::open_descriptors();
  {
    one_on_its_way all;
    all.drop_listener(0);
    all.drop_listener(1);
    all.cores.turn_until([&] { return all.counts() == std::vector<unsigned>{1, 0}; });
    for (std::size_t i = 1; i < all.peers.size(); ++i) CHECK(all.peers[i].receive().empty());
  }
  CHECK(io_test::open_descriptors() == before);
}

TEST_CASE("a connection that was given away is accepted over there, and counted until it closes") {
  const std::size_t before = io_test::open_descriptors();
  {
    one_on_its_way all;
    all.cores.run_on_core(1, [&]() -> lull::task<> {
      auto given = co_await all.listeners[1]->accept();
      REQUIRE(given);
      CHECK(given->peer().port() != 0);
      CHECK(all.balance.connections() == std::vector<unsigned>{1, 1});
      co_await given->close();
      CHECK(all.balance.connections() == std::vector<unsigned>{1, 0});
    });
  }
  CHECK(io_test::open_descriptors() == before);
}
