// SPDX-License-Identifier: MIT
// The receive of datagrams that goes on by itself, and its ends.
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/udp_socket.hpp>
#include <lull/sched/scope.hpp>
#include <vector>

#include "connected.hpp"
#include "udp_pair.hpp"

using io_test::on_core;
using io_test::pattern;
using io_test::udp_pair;

namespace {

lull::detail::buffer_pool& datagram_pool() {
  return lull::detail::io_core::of(lull::detail::this_context("datagram_pool")).datagram_buffers();
}

// One datagram after the other.
lull::task<> send_and_receive(udp_pair& both, int times) {
  const lull::address near = both.near.local().value();
  for (int i = 0; i < times; ++i) {
    const auto sent = co_await both.far.send_to(near, "x");
    REQUIRE(sent);
    const auto got = co_await both.near.receive();
    REQUIRE(got);
  }
}

}  // namespace

TEST_CASE("datagrams arrive whole and in order, empty ones too, on every kind of kernel") {
  for (const auto& options : io_test::ways_to_receive_datagrams()) {
    on_core(options, []() -> lull::task<> {
      udp_pair both;
      const lull::address near = both.near.local().value();
      for (unsigned i = 0; i < 40; ++i) {
        // One after the other, several at a time, and some empty: those end the kernel's receive.
        for (unsigned j = 0; j <= i % 3; ++j) {
          const std::string text = pattern(i % 5 == 4 ? 0 : i + j, i);
          auto sent = co_await both.far.send_to(near, text);
          REQUIRE(sent);
        }
        for (unsigned j = 0; j <= i % 3; ++j) {
          auto got = co_await both.near.receive();
          REQUIRE(got);
          CHECK(got->text() == pattern(i % 5 == 4 ? 0 : i + j, i));
          CHECK(got->peer == both.far.local().value());
        }
      }
      CHECK(datagram_pool().views() == 0);
    });
  }
}

TEST_CASE("one receive serves many datagrams where the kernel can") {
  on_core([]() -> lull::task<> {
    udp_pair both;
    CHECK(datagram_pool().multishot() == lull::detected_capabilities().multishot_message);
    auto exchange = send_and_receive(both, 20);
    co_await std::move(exchange);
    CHECK(lull::io_here().spare_receives == 0);
    CHECK(lull::io_here().received_pieces == 20);
  });
  on_core(io_test::without(&lull::capabilities::multishot_message), []() -> lull::task<> {
    udp_pair both;
    auto exchange = send_and_receive(both, 3);
    co_await std::move(exchange);
    CHECK(lull::io_here().spare_receives == 3);
  });
}

TEST_CASE("what does not fit is cut off, and the datagram says so") {
  for (const auto& options : io_test::ways_to_receive_datagrams()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_datagram_buffers({.count = 4, .bytes = 512});
      udp_pair both;
      const lull::address near = both.near.local().value();
      const std::string text = pattern(1000);
      for (const bool by_pieces : {false, true}) {
        auto sent = co_await both.far.send_to(near, text);
        REQUIRE(sent);
        std::array<std::byte, 300> into;
        auto cut = co_await both.near.receive(into);
        REQUIRE(cut);
        CHECK(cut->size == 300);
        CHECK(cut->sent_size == 1000);
        CHECK(cut->truncated());
        CHECK(std::memcmp(into.data(), text.data(), 300) == 0);
        const std::string small = text.substr(0, 300);
        auto fits = co_await both.far.send_to(near, small);
        REQUIRE(fits);
        auto whole = co_await both.near.receive(into);
        REQUIRE(whole);
        CHECK(whole->size == 300);
        CHECK(!whole->truncated());
        if (by_pieces) break;
        auto again = co_await both.far.send_to(near, text);
        REQUIRE(again);
        auto got = co_await both.near.receive();
        REQUIRE(got);
        CHECK(got->size == 512 - 112);
        CHECK(got->sent_size == 1000);
        CHECK(got->truncated());
        CHECK(got->text() == text.substr(0, 512 - 112));
      }
    });
  }
}

TEST_CASE("datagrams go on arriving while every buffer is kept by somebody") {
  for (const auto& options : io_test::ways_to_receive_datagrams()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_datagram_buffers({.count = 2, .bytes = 512});
      udp_pair both;
      const lull::address near = both.near.local().value();
      std::vector<lull::datagram> kept;
      for (unsigned i = 0; i < 8; ++i) {
        const std::string text = pattern(200, i);
        auto sent = co_await both.far.send_to(near, text);
        REQUIRE(sent);
        auto got = co_await both.near.receive();
        REQUIRE(got);
        kept.push_back(std::move(*got));
      }
      for (unsigned i = 0; i < 8; ++i) CHECK(kept[i].text() == pattern(200, i));
      if (datagram_pool().multishot()) {
        CHECK(lull::io_here().starved_receives > 0);
        CHECK(datagram_pool().with_kernel() == 0);
      }
      kept[3].reset();
      CHECK(kept[3].bytes().empty());
      co_await both.near.close();
      CHECK(kept[7].text() == pattern(200, 7));
      kept.clear();
      CHECK(datagram_pool().views() == 0);
    });
  }
}

TEST_CASE("a socket whose datagrams nobody takes is paused, and goes on when they are taken") {
  for (const auto& options : io_test::ways_to_receive_datagrams()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_datagram_buffers({.count = 256, .bytes = 512});
      udp_pair both;
      const lull::address near = both.near.local().value();
      auto first = co_await both.far.send_to(near, "0");
      REQUIRE(first);
      auto got = co_await both.near.receive();
      REQUIRE(got);
      constexpr unsigned more = lull::limits::unread_pieces + 20;
      for (unsigned i = 1; i <= more; ++i) {
        const std::string text = std::to_string(i);
        auto sent = co_await both.far.send_to(near, text);
        REQUIRE(sent);
        co_await lull::yield();
      }
      if (datagram_pool().multishot()) CHECK(lull::io_here().slow_readers == 1);
      for (unsigned i = 1; i <= more; ++i) {
        auto next = co_await both.near.receive();
        REQUIRE(next);
        CHECK(next->text() == std::to_string(i));
      }
    });
  }
}

TEST_CASE("datagrams that nobody takes go with their socket") {
  for (const bool drop : {false, true}) {
    on_core([drop]() -> lull::task<> {
      udp_pair both;
      const lull::address near = both.near.local().value();
      for (int i = 0; i < 3; ++i) {
        auto sent = co_await both.far.send_to(near, "never read");
        REQUIRE(sent);
      }
      auto got = co_await both.near.receive();
      REQUIRE(got);
      for (int i = 0; i < 3; ++i) co_await lull::yield();
      if (drop) {
        const lull::udp_socket dropped = std::move(both.near);
      } else {
        co_await both.near.close();
      }
      got->reset();
      CHECK(datagram_pool().views() == 0);
      CHECK(!both.near.is_open());
    });
  }
}
