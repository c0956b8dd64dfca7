// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <vector>

#include "on_core.hpp"
#include "raw_peer.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::raw_peer;
using lull::address;
using lull::connect;
using lull::tcp_listener;

namespace {

// Connects, and keeps the error for the test.
lull::task<> try_connecting(address to, std::error_code& error) {
  auto stream = co_await connect(to);
  error = stream.error();
}

// A listener that never accepts, with no room left to wait in: who connects to it is not answered.
struct full_listener {
  full_listener() : descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const address wanted = address::loopback(0);
    REQUIRE(::bind(descriptor, wanted.data(), wanted.size()) == 0);
    REQUIRE(::listen(descriptor, 0) == 0);
    sockaddr_in raw{};
    socklen_t bytes = sizeof(raw);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&raw), &bytes);
    local = address::from(reinterpret_cast<sockaddr*>(&raw), bytes);
    waiting.emplace_back(local);
  }
  ~full_listener() { ::close(descriptor); }

  int descriptor;
  address local;
  std::vector<raw_peer> waiting;
};

}  // namespace

TEST_CASE("connecting to a listener gives a stream that knows both ends") {
  on_core([]() -> lull::task<> {
    for (const address& where : {address::loopback(0), address::loopback_v6(0)}) {
      auto listener = tcp_listener::bind(where).value();
      auto client = co_await connect(listener.local());
      REQUIRE(client);
      auto served = co_await listener.accept();
      REQUIRE(served);
      CHECK(client->peer() == listener.local());
      CHECK(client->local().value() == served->peer());
      CHECK(served->local().value() == listener.local());
      CHECK(client->no_delay(false));
      CHECK(lull::io_here().connected == lull::io_here().accepted);
    }
  });
}

TEST_CASE("connecting where nobody listens fails with the address in the message") {
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    const address gone = listener.local();
    co_await listener.close();
    auto stream = co_await connect(gone);
    REQUIRE(!stream);
    CHECK(stream.error() == std::errc::connection_refused);
    CHECK_THAT(stream.message(), ContainsSubstring("connect to " + gone.to_string()) &&
                                     ContainsSubstring("nobody listens there"));
  });
}

TEST_CASE("connecting to no address is a failure, not an accident") {
  on_core([]() -> lull::task<> {
    auto stream = co_await connect(address());
    CHECK(!stream);
    CHECK(stream.error() == std::errc::address_family_not_supported);
  });
}

TEST_CASE("a connect that was stopped before it began makes no connection") {
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    lull::scope scope;
    scope.request_stop();
    std::error_code error;
    scope.spawn(try_connecting, listener.local(), std::ref(error));
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
}

TEST_CASE("a connect that nobody answers ends when it is stopped, and its socket is closed") {
  full_listener full;
  on_core([&]() -> lull::task<> {
    lull::scope scope;
    std::error_code errors[4];
    for (auto& error : errors) scope.spawn(try_connecting, full.local, std::ref(error));
    co_await lull::sleep(std::chrono::milliseconds(5));
    scope.request_stop();
    co_await scope.join();
    // One or two may have found room in the listener's queue.
    CHECK(errors[3] == std::errc::operation_canceled);
  });
}

TEST_CASE("a connect that races with its stop is delivered or undone") {
  on_core([]() -> lull::task<> {
    auto listener = tcp_listener::bind(address::loopback(0)).value();
    for (int i = 0; i < 50; ++i) {
      lull::scope scope;
      std::error_code error;
      scope.spawn(try_connecting, listener.local(), std::ref(error));
      co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      CHECK((!error || error == std::errc::operation_canceled));
    }
  });
}
