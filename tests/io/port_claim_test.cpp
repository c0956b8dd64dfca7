// SPDX-License-Identifier: MIT
#include <lull/io/port_claim.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/tcp_listener.hpp>

#include "on_core.hpp"
#include "raw_peer.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::raw_peer;
using lull::address;
using lull::tcp_listener;

TEST_CASE("a program that was started twice shared its port with itself") {
  on_core([]() -> lull::task<> {
    const int other = ::socket(AF_INET, SOCK_STREAM, 0);  // another program's
    const int on = 1;
    ::setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    const auto wanted = address::loopback(0);
    REQUIRE(::bind(other, wanted.data(), wanted.size()) == 0);
    REQUIRE(::listen(other, 10) == 0);
    sockaddr_in name{};
    socklen_t bytes = sizeof(name);
    REQUIRE(::getsockname(other, reinterpret_cast<sockaddr*>(&name), &bytes) == 0);
    const auto taken = address::loopback(ntohs(name.sin_port));
    auto refused = tcp_listener::bind(taken);
    CHECK(refused.error() == std::errc::address_in_use);
    CHECK_THAT(refused.message(), ContainsSubstring("stop the program that has it"));
    auto shared = tcp_listener::bind(taken, {.across_programs = true});
    CHECK(shared);
    ::close(other);
    co_return;
  });
}

TEST_CASE("a port is free again for this program and others when its listeners are closed") {
  on_core([]() -> lull::task<> {
    address here;
    std::optional<lull::tcp_stream> connection;  // which the port still has
    std::optional<raw_peer> peer;
    {
      auto first = tcp_listener::bind(address::loopback(0)).value();
      here = first.local();
      peer.emplace(here);
      auto accepted = co_await first.accept();
      connection.emplace(std::move(accepted).value());
      auto second = tcp_listener::bind(here).value();
      auto closing = first.close();
      co_await closing;
      auto third = tcp_listener::bind(here).value();
      for (tcp_listener* const one : {&second, &third}) {
        auto ending = one->close();
        co_await ending;
      }
    }
    auto again = tcp_listener::bind(here);
    CHECK(again);
  });
}
