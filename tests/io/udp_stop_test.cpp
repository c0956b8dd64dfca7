// SPDX-License-Identifier: MIT
// Datagrams and requests to stop.
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/udp_socket.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "udp_pair.hpp"

using io_test::on_core;
using io_test::udp_pair;

namespace {

lull::task<> send_one(lull::udp_socket& from, lull::address to, std::string text) {
  auto sent = co_await from.send_to(to, text);
  CHECK(sent.message() == "");
}

}  // namespace

TEST_CASE("a wait for a datagram is stopped, timed out and ended by close") {
  for (const auto& options : io_test::ways_to_receive_datagrams()) {
    on_core(options, []() -> lull::task<> {
      udp_pair both;
      const lull::address near = both.near.local().value();
      std::array<std::byte, 8> into;
      for (const bool into_buffer : {true, false}) {
        std::error_code error;
        const auto wait = [&]() -> lull::task<> {
          if (into_buffer) {
            auto got = co_await both.near.receive(into);
            error = got.error();
          } else {
            auto got = co_await both.near.receive();
            error = got.error();
          }
        };
        for (const bool before : {true, false}) {
          lull::scope scope;
          if (before) scope.request_stop();
          scope.spawn(wait);
          for (int i = 0; i < 3; ++i) co_await lull::yield();
          scope.request_stop();
          co_await scope.join();
          CHECK(error == std::errc::operation_canceled);
          error = {};
        }
        auto sent = co_await both.far.send_to(near, "12345");
        REQUIRE(sent);
        auto got = co_await both.near.receive(into);
        REQUIRE(got);
        CHECK(got->size == 5);
      }
      auto late = co_await lull::timeout(std::chrono::milliseconds(1), both.near.receive());
      CHECK(late.timed_out());
      lull::scope scope;
      std::error_code error;
      scope.spawn([&]() -> lull::task<> {
        auto got = co_await both.near.receive();
        error = got.error();
      });
      co_await lull::yield();
      co_await both.near.close();
      co_await scope.join();
      CHECK(error == std::errc::operation_canceled);
    });
  }
}

TEST_CASE("a datagram that races with a stop is delivered or stays") {
  for (const bool into_buffer : {true, false}) {
    on_core([into_buffer]() -> lull::task<> {
      udp_pair both;
      const lull::address near = both.near.local().value();
      std::array<std::byte, 8> into;
      for (int i = 0; i < 60; ++i) {
        lull::scope scope;
        std::error_code error;
        std::size_t size = 0;
        scope.spawn([&]() -> lull::task<> {
          if (into_buffer) {
            auto got = co_await both.near.receive(into);
            error = got.error();
            if (got) size = got->size;
          } else {
            auto got = co_await both.near.receive();
            error = got.error();
            if (got) size = got->size;
          }
        });
        co_await lull::yield();
        if (i % 2 == 0) co_await lull::yield();
        auto sending = send_one(both.far, near, "12345");
        co_await std::move(sending);
        if (i % 3 == 0) co_await lull::yield();
        scope.request_stop();
        co_await scope.join();
        if (error) {
          CHECK(error == std::errc::operation_canceled);
          auto rest = co_await both.near.receive(into);
          REQUIRE(rest);
          size = rest->size;
        }
        CHECK(size == 5);
      }
    });
  }
}
