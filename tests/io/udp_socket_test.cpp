// SPDX-License-Identifier: MIT
#include <net/if.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/udp_socket.hpp>

#include "text_of.hpp"
#include "udp_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::text_of;
using io_test::udp_pair;

TEST_CASE("a datagram tells its sender, and is answered, on IPv4 and IPv6") {
  for (const auto& where : {lull::address::loopback(0), lull::address::loopback_v6(0)}) {
    on_core([where]() -> lull::task<> {
      udp_pair both({}, where);
      const lull::address near = both.near.local().value();
      auto asked = co_await both.far.send_to(near, "question");
      REQUIRE(asked);
      auto got = co_await both.near.receive();
      REQUIRE(got);
      CHECK(got->text() == "question");
      CHECK(got->peer == both.far.local().value());
      CHECK(got->size == 8);
      CHECK(!got->truncated());
      CHECK(!got->destination);
      auto answered = co_await both.near.send_to(got->peer, "answer");
      REQUIRE(answered);
      std::array<std::byte, 100> into;
      auto back = co_await both.far.receive(into);
      REQUIRE(back);
      CHECK(text_of(std::span(into).first(back->size)) == "answer");
      CHECK(back->peer == near);
    });
  }
}

TEST_CASE("a connected socket hears its peer alone, and that nobody listens") {
  on_core([]() -> lull::task<> {
    udp_pair both;
    auto stranger = lull::udp_socket::bind(lull::address::loopback(0)).value();
    const lull::address near = both.near.local().value();
    const lull::address far = both.far.local().value();
    auto connected = co_await both.near.connect(far);
    REQUIRE(connected);
    auto strange = co_await stranger.send_to(near, "not for you");
    REQUIRE(strange);
    auto known = co_await both.far.send_to(near, "for you");
    REQUIRE(known);
    auto got = co_await both.near.receive();
    REQUIRE(got);
    CHECK(got->text() == "for you");
    auto sent = co_await both.near.send("short");
    REQUIRE(sent);
    std::array<std::byte, 8> into;
    auto other = co_await both.far.receive(into);
    REQUIRE(other);
    CHECK(other->size == 5);
    co_await both.far.close();
    for (const bool into_buffer : {false, true}) {
      auto lost = co_await both.near.send("to nobody");
      REQUIRE(lost);
      std::error_code error;
      std::string message;
      if (into_buffer) {
        auto refused = co_await both.near.receive(into);
        error = refused.error();
        message = refused.message();
      } else {
        auto refused = co_await both.near.receive();
        error = refused.error();
        message = refused.message();
      }
      CHECK(error == std::errc::connection_refused);
      CHECK_THAT(message, ContainsSubstring("receive " + far.to_string()) &&
                              ContainsSubstring("nobody listens there"));
    }
    auto again = lull::udp_socket::bind(far).value();  // an error of datagrams passes
    const lull::address back = both.near.local().value();
    auto later = co_await again.send_to(back, "here I am");
    REQUIRE(later);
    auto fine = co_await both.near.receive();
    REQUIRE(fine);
    CHECK(fine->text() == "here I am");
  });
}

TEST_CASE("sending and binding fail with the cause and the remedy") {
  on_core([]() -> lull::task<> {
    udp_pair both;
    const lull::address far = both.far.local().value();
    const std::string large(70'000, 'x');
    auto sent = co_await both.near.send_to(far, large);
    CHECK(sent.error() == std::errc::message_size);
    CHECK_THAT(sent.message(), ContainsSubstring("send to " + far.to_string()) &&
                                   ContainsSubstring("send it in parts"));
    auto nowhere = co_await both.near.send("to whom?");
    CHECK(nowhere.error() == std::errc::destination_address_required);
    CHECK_THAT(nowhere.message(), ContainsSubstring("send_to"));
    auto taken = lull::udp_socket::bind(far);
    CHECK(taken.error() == std::errc::address_in_use);
    CHECK_THAT(taken.message(),
               ContainsSubstring("bind to " + far.to_string()) && ContainsSubstring("ss -lntup"));
    auto broadcast = co_await both.near.send_to(lull::address::of("127.255.255.255:9"), "all");
    CHECK(broadcast.error() == std::errc::permission_denied);
    CHECK(both.near.broadcast(true));
    auto allowed = co_await both.near.send_to(lull::address::of("127.255.255.255:9"), "all");
    CHECK(allowed);
    co_await both.near.close();
    CHECK(!both.near.is_open());
    auto late = co_await both.near.send_to(far, "late");
    CHECK(late.error() == std::errc::bad_file_descriptor);
    auto later = co_await both.near.receive();
    CHECK(later.error() == std::errc::bad_file_descriptor);
    CHECK(both.near.local().error() == std::errc::bad_file_descriptor);
    CHECK(both.near.hops(3).error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("sockets share an address when each of them asks for it") {
  on_core([]() -> lull::task<> {
    auto first = lull::udp_socket::bind(lull::address::loopback(0), {.reuse_port = true}).value();
    auto second = lull::udp_socket::bind(first.local().value(), {.reuse_port = true});
    CHECK(second);
    auto third = lull::udp_socket::bind(first.local().value());
    CHECK(third.error() == std::errc::address_in_use);
    co_return;
  });
}

TEST_CASE("a datagram tells where it was sent to, and is answered from there") {
  for (const bool v6 : {false, true}) {
    on_core([v6]() -> lull::task<> {
      auto server =
          lull::udp_socket::bind(v6 ? lull::address::any_v6(0) : lull::address::any(0)).value();
      REQUIRE(server.destinations(true));
      const std::uint16_t port = server.local().value().port();
      const lull::address other =
          v6 ? lull::address::loopback_v6(port) : lull::address::of("127.0.0.2:0").with_port(port);
      auto client = lull::udp_socket::bind(v6 ? lull::address::any_v6(0) : lull::address::any(0));
      REQUIRE(client);
      std::array<std::byte, 16> into;
      for (const bool into_buffer : {true, false}) {
        auto sent = co_await client->send_to(other, "from where?");
        REQUIRE(sent);
        lull::datagram_facts facts;
        if (into_buffer) {
          auto got = co_await server.receive(into);
          REQUIRE(got);
          facts = *got;
        } else {
          auto got = co_await server.receive();
          REQUIRE(got);
          facts = *got;
        }
        CHECK(facts.destination == other.with_port(0));
        CHECK(facts.interface != 0);
        auto answered = co_await server.send_to(
            facts.peer, "from there", {.source = facts.destination, .interface = facts.interface});
        REQUIRE(answered);
        auto back = co_await client->receive(into);
        REQUIRE(back);
        CHECK(back->peer == other);
      }
    });
  }
}

TEST_CASE("a datagram went by any interface when no source was named with it") {
  on_core([]() -> lull::task<> {
    for (const bool v6 : {false, true}) {
      auto server =
          lull::udp_socket::bind(v6 ? lull::address::loopback_v6(0) : lull::address::loopback(0))
              .value();
      const lull::address to = server.local().value();
      const unsigned here = ::if_nametoindex("lo");
      auto sent = co_await server.send_to(to, "to myself", {.interface = here});
      CHECK(sent);
      sent = co_await server.send_to(to, "lost", {.interface = here + 1'000'000});
      CHECK(!sent);
    }
  });
}

TEST_CASE("a large send is cut into datagrams, and these may be received as one") {
  for (const bool coalesce : {false, true}) {
    on_core([coalesce]() -> lull::task<> {
      lull::choose_datagram_buffers({.count = 2, .bytes = 65536 + 128});
      udp_pair both;
      const lull::address far = both.far.local().value();
      if (coalesce) {
        auto on = both.far.coalesce(true);
        REQUIRE(on);
      }
      std::string text;
      for (int i = 0; i < 450; ++i) text += static_cast<char>('a' + i % 26);
      auto sent = co_await both.near.send_to(far, text, {.segment_size = 100});
      REQUIRE(sent);
      std::string got;
      int pieces = 0;
      std::size_t segment_size = 0;
      while (got.size() < text.size()) {
        auto next = co_await both.far.receive();
        REQUIRE(next);
        if (!coalesce) CHECK(next->size == (pieces < 4 ? 100 : 50));
        segment_size = next->segment_size;
        got += next->text();
        ++pieces;
      }
      CHECK(got == text);
      CHECK(pieces == (coalesce ? 1 : 5));
      CHECK(segment_size == (coalesce ? 100 : 0));
    });
  }
}

TEST_CASE("the options of a UDP socket reach the kernel") {
  on_core([]() -> lull::task<> {
    udp_pair both;
    REQUIRE(both.near.hops(3));
    REQUIRE(both.near.receive_room(8192));
    REQUIRE(both.near.send_room(16384));
    const auto option = [&](int level, int name) {
      int value = 0;
      socklen_t bytes = sizeof(value);
      ::getsockopt(both.near.descriptor(), level, name, &value, &bytes);
      return value;
    };
    CHECK(option(IPPROTO_IP, IP_TTL) == 3);
    CHECK(option(SOL_SOCKET, SO_RCVBUF) == 2 * 8192);  // the kernel counts its own part too
    CHECK(option(SOL_SOCKET, SO_SNDBUF) == 2 * 16384);
    co_return;
  });
}
