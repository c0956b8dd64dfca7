// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <optional>
#include <string>
#include <vector>

#include "../allocations.hpp"
#include "../few_descriptors.hpp"
#include "on_core.hpp"
#include "raw_peer.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::raw_peer;
using lull::address;
using lull::tcp_listener;

namespace {

lull::task<> accept_one(tcp_listener& listener, std::error_code& error) {
  auto stream = co_await listener.accept();
  error = stream.error();
}

std::vector<lull::core_options> ways_to_accept() {
  return {{}, io_test::without(&lull::capabilities::multishot_accept)};
}

// Until the listener has passed on what waits in the kernel.
lull::task<> let_it_accept() {
  for (int i = 0; i < 20; ++i) co_await lull::yield();
  co_await lull::sleep(std::chrono::milliseconds(2));
}

}  // namespace

TEST_CASE("a listener accepts connections in the order in which they came") {
  for (const auto& options : ways_to_accept()) {
    on_core(options, []() -> lull::task<> {
      auto listener = tcp_listener::bind(address::loopback(0)).value();
      std::vector<raw_peer> peers;
      for (int i = 0; i < 100; ++i) peers.emplace_back(listener.local());
      for (int i = 0; i < 100; ++i) {
        auto stream = co_await listener.accept();
        REQUIRE(stream);
        auto sent = co_await stream->send_all(std::to_string(i));
        REQUIRE(sent);
        CHECK(peers[static_cast<std::size_t>(i)].receive() == std::to_string(i));
      }
      CHECK(lull::io_here().accepted == 100);
    });
  }
}

TEST_CASE("binding an address that another listener has to itself fails with a remedy") {
  on_core([]() -> lull::task<> {
    auto first = tcp_listener::bind(address::loopback(0), {.reuse_port = false}).value();
    auto second = tcp_listener::bind(first.local());
    REQUIRE(!second);
    CHECK(second.error() == std::errc::address_in_use);
    CHECK_THAT(second.message(), ContainsSubstring(first.local().to_string()) &&
                                     ContainsSubstring("choose another port"));
    auto foreign = tcp_listener::bind(address::parse("203.0.113.1:0").value());
    CHECK(foreign.error() == std::errc::address_not_available);
    auto nothing = tcp_listener::bind(address());
    CHECK(nothing.error() == std::errc::address_family_not_supported);
    co_return;
  });
}

TEST_CASE("listeners share an address when both let them") {
  on_core([]() -> lull::task<> {
    auto first = tcp_listener::bind(address::loopback(0)).value();
    auto second = tcp_listener::bind(first.local());
    CHECK(second);
    const auto any = address::parse("0.0.0.0:" + std::to_string(first.local().port())).value();
    auto everywhere = tcp_listener::bind(any);
    CHECK(everywhere);
    co_return;
  });
}

TEST_CASE("a stopped accept ends, and the next connection is there for the next accept") {
  for (const auto& options : ways_to_accept()) {
    on_core(options, []() -> lull::task<> {
      auto listener = tcp_listener::bind(address::loopback(0)).value();
      std::error_code error;
      lull::scope before;
      before.request_stop();
      before.spawn(accept_one, std::ref(listener), std::ref(error));
      co_await before.join();
      CHECK(error == std::errc::operation_canceled);

      error = {};
      lull::scope during;
      during.spawn(accept_one, std::ref(listener), std::ref(error));
      co_await let_it_accept();
      during.request_stop();
      co_await during.join();
      CHECK(error == std::errc::operation_canceled);

      raw_peer peer(listener.local());
      auto stream = co_await listener.accept();
      CHECK(stream);
    });
  }
}

TEST_CASE("closing a listener ends a waiting accept and closes what nobody took") {
  for (const auto& options : ways_to_accept()) {
    on_core(options, []() -> lull::task<> {
      auto listener = tcp_listener::bind(address::loopback(0)).value();
      raw_peer taken(listener.local());
      raw_peer untaken(listener.local());
      auto stream = co_await listener.accept();
      REQUIRE(stream);
      co_await let_it_accept();
      std::error_code error;
      co_await listener.close();
      CHECK(untaken.receive().empty());
      CHECK(!listener.is_open());
      auto late = co_await listener.accept();
      CHECK(late.error() == std::errc::bad_file_descriptor);

      auto other = tcp_listener::bind(address::loopback(0)).value();
      lull::scope waiting;
      waiting.spawn(accept_one, std::ref(other), std::ref(error));
      co_await let_it_accept();
      co_await other.close();
      co_await waiting.join();
      CHECK(error == std::errc::operation_canceled);
      co_await other.close();  // once more is once
    });
  }
}

TEST_CASE("connections that race with the closing of their listener are not leaked") {
  for (const auto& options : ways_to_accept()) {
    on_core(options, []() -> lull::task<> {
      for (int i = 0; i < 30; ++i) {
        auto listener = tcp_listener::bind(address::loopback(0)).value();
        std::error_code error;
        lull::scope waiting;
        waiting.spawn(accept_one, std::ref(listener), std::ref(error));
        co_await lull::yield();
        std::vector<raw_peer> peers;
        for (int j = 0; j < 3; ++j) peers.emplace_back(listener.local());
        if (i % 3 == 0) co_await lull::yield();
        if (i % 2 == 0) {
          co_await listener.close();
        } else {
          const tcp_listener dropped = std::move(listener);
        }
        co_await waiting.join();
        CHECK((!error || error == std::errc::operation_canceled));
      }
    });
  }
}

TEST_CASE("a listener pauses when too many connections wait to be taken, and goes on") {
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    std::vector<raw_peer> peers;
    peers.emplace_back(listener.local());
    auto first = co_await listener.accept();
    REQUIRE(first);
    const std::size_t many = 3 * lull::limits::untaken_connections;
    for (std::size_t i = 0; i < many; ++i) peers.emplace_back(listener.local());
    co_await let_it_accept();
    std::vector<lull::tcp_stream> streams;
    for (std::size_t i = 0; i < many; ++i) {
      auto stream = co_await listener.accept();
      REQUIRE(stream);
      streams.push_back(std::move(*stream));
    }
  });
}

TEST_CASE("a listener that always had a connection to give remembered all that it had given") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    std::vector<raw_peer> peers;
    for (int i = 0; i < 20; ++i) peers.emplace_back(listener.local());
    std::size_t most = 0;
    for (std::size_t i = 0; i < 20 * lull::limits::untaken_connections; ++i) {
      peers.emplace_back(listener.local());
      const std::size_t before = test::allocated_bytes();
      auto stream = co_await listener.accept();
      REQUIRE(stream);
      co_await lull::sleep(
          std::chrono::microseconds(20));  // the next comes before the 20th is taken
      // What it and the pools need for as many as there are at a time has been allocated by then.
      if (i > 100) most = std::max(most, test::allocated_bytes() - before);
      peers.erase(peers.begin());
    }
    CHECK(most < 8 * sizeof(int) * lull::limits::untaken_connections);
  });
}

TEST_CASE("a listener without descriptors pauses, keeps its connections, and recovers") {
  for (const auto& options : ways_to_accept()) {
    on_core(options, []() -> lull::task<> {
      auto listener = tcp_listener::bind(address::loopback(0)).value();
      std::vector<raw_peer> peers;
      for (int i = 0; i < 4; ++i) peers.emplace_back(listener.local());
      std::vector<lull::tcp_stream> streams;
      lull::scope accepting;
      std::optional<test::few_descriptors> none(3);
      accepting.spawn([&]() -> lull::task<> {
        for (int i = 0; i < 4; ++i) {
          auto stream = co_await listener.accept();
          CHECK(stream);
          if (stream) streams.push_back(std::move(*stream));
        }
      });
      while (lull::io_here().accept_pauses < 3) co_await lull::sleep(std::chrono::milliseconds(1));
      CHECK(streams.empty());
      none.reset();
      co_await accepting.join();
      CHECK(streams.size() == 4);
    });
  }
}

TEST_CASE("a listener that waits for descriptors can be closed") {
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    std::error_code error;
    lull::scope waiting;
    {
      const test::few_descriptors none(3);
      waiting.spawn(accept_one, std::ref(listener), std::ref(error));
      while (lull::io_here().accept_pauses < 1) co_await lull::sleep(std::chrono::milliseconds(1));
    }
    co_await listener.close();
    co_await waiting.join();
    CHECK(error == std::errc::operation_canceled);
  });
}

TEST_CASE("a listener that had no memory to say that it pauses ended the program") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    const raw_peer peer(listener.local());
    std::error_code error;
    lull::scope waiting;
    {
      const test::few_descriptors none(3);
      waiting.spawn(accept_one, std::ref(listener), std::ref(error));
      co_await lull::yield();  // it has its frame
      CHECK(lull::io_here().accept_pauses == 0);
      const test::denied_allocations denied(100);  // the sentence is longer
      while (lull::io_here().accept_pauses < 2) co_await lull::sleep(std::chrono::milliseconds(1));
    }
    co_await waiting.join();
    CHECK(!error);
  });
}
