// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>

#include "connected.hpp"
#include "text_of.hpp"
#include "ways_to_receive.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::text_of;

namespace {

lull::task<> receive_some(lull::tcp_stream& stream, std::error_code& error, std::size_t& bytes) {
  std::array<std::byte, 16> into;
  auto got = co_await stream.receive(into);
  error = got.error();
  if (got) bytes = *got;
}

}  // namespace

TEST_CASE("bytes come into the caller's buffer, as many as fit") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("hello, world");
    std::array<std::byte, 5> into;
    auto got = co_await both.stream.receive(into);
    REQUIRE(got);
    CHECK(text_of(std::span(into).first(*got)) == "hello");
    std::array<std::byte, 100> more;
    auto rest = co_await both.stream.receive(more);
    REQUIRE(rest);
    CHECK(text_of(std::span(more).first(*rest)) == ", world");
  });
}

TEST_CASE("the end of a stream is no bytes, and the other half goes on") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.end_sending();
    std::array<std::byte, 8> into;
    for (int i = 0; i < 2; ++i) {
      auto got = co_await both.stream.receive(into);
      REQUIRE(got);
      CHECK(*got == 0);
    }
    auto sent = co_await both.stream.send_all("still here");
    CHECK(sent);
    CHECK(both.peer.receive() == "still here");
  });
}

TEST_CASE("a connection that the peer reset is a failure that names the peer") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.reset();
    std::array<std::byte, 8> into;
    auto got = co_await both.stream.receive(into);
    REQUIRE(!got);
    CHECK(got.error() == std::errc::connection_reset);
    CHECK_THAT(got.message(), ContainsSubstring("receive " + both.stream.peer().to_string()));
  });
}

TEST_CASE("a receive ends when it is stopped, before and in flight") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    for (const bool before : {true, false}) {
      lull::scope scope;
      std::error_code error;
      std::size_t bytes = 0;
      if (before) scope.request_stop();
      scope.spawn(receive_some, std::ref(both.stream), std::ref(error), std::ref(bytes));
      for (int i = 0; i < 3; ++i) co_await lull::yield();
      co_await lull::sleep(std::chrono::milliseconds(1));
      scope.request_stop();
      co_await scope.join();
      CHECK(error == std::errc::operation_canceled);
    }
    both.peer.send("later");
    std::array<std::byte, 8> into;
    auto got = co_await both.stream.receive(into);
    REQUIRE(got);
    CHECK(*got == 5);
  });
}

TEST_CASE("bytes that race with a stop are delivered or stay in the socket") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    for (int i = 0; i < 100; ++i) {
      lull::scope scope;
      std::error_code error;
      std::size_t bytes = 0;
      scope.spawn(receive_some, std::ref(both.stream), std::ref(error), std::ref(bytes));
      co_await lull::yield();
      if (i % 2 == 0) co_await lull::yield();
      both.peer.send("12345");
      if (i % 3 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      if (error) {
        CHECK(error == std::errc::operation_canceled);
        std::array<std::byte, 16> into;
        auto rest = co_await both.stream.receive(into);
        REQUIRE(rest);
        bytes = *rest;
      }
      CHECK(bytes == 5);
    }
  });
}

TEST_CASE("a close between two parts of what is received exactly was one that had come before") {
  on_core([]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected();
    both.peer.send("abcd");
    lull::scope receiving;
    std::error_code error;
    receiving.spawn([&]() -> lull::task<> {
      std::array<std::byte, 8> room;
      auto filling = both.stream.receive_exactly(room);
      const auto filled = co_await std::move(filling);
      error = filled.error();
    });
    co_await lull::yield();  // it has the four, and has not run since
    co_await both.stream.close();
    co_await receiving.join();
    CHECK(error == std::errc::operation_canceled);
  });
}

TEST_CASE("closing a stream ends a receive in flight") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    lull::scope scope;
    std::error_code error;
    std::size_t bytes = 0;
    scope.spawn(receive_some, std::ref(both.stream), std::ref(error), std::ref(bytes));
    co_await lull::yield();
    co_await both.stream.close();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    std::array<std::byte, 8> into;
    auto late = co_await both.stream.receive(into);
    CHECK(late.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("a receive made before the stream received by itself, and awaited after, heard nothing") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      std::array<std::byte, 4> into;
      auto made_before = both.stream.receive(into);
      both.peer.send("first");
      auto piece = co_await both.stream.receive();
      CHECK(piece->text() == "first");
      both.peer.send("next");
      (void)co_await lull::sleep(std::chrono::milliseconds(1));
      const auto got = co_await made_before;
      REQUIRE(got);
      CHECK(text_of(std::span(into).first(*got)) == "next");
    });
  }
}

TEST_CASE("both ways of receiving may be used on one stream, and no byte is lost") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      both.peer.send("0123456789");
      std::array<std::byte, 3> into;
      auto first = co_await both.stream.receive(into);
      REQUIRE(first);
      CHECK(text_of(into) == "012");
      auto piece = co_await both.stream.receive();
      REQUIRE(piece);
      CHECK(piece->text() == "3456789");
      both.peer.send("abcdef");
      for (const std::string expected : {"abc", "def"}) {
        auto copied = co_await both.stream.receive(into);
        REQUIRE(copied);
        CHECK(*copied == 3);
        CHECK(text_of(into) == expected);
      }
      both.peer.send("xyz!");
      auto part = co_await both.stream.receive(std::span(into).first(1));
      REQUIRE(part);
      auto rest = co_await both.stream.receive();
      REQUIRE(rest);
      CHECK(rest->text() == "yz!");
      both.peer.close();
      auto end = co_await both.stream.receive(into);
      REQUIRE(end);
      CHECK(*end == 0);
    });
  }
}
