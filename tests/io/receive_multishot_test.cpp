// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <vector>

#include "connected.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;

namespace {

lull::task<> receive_one(lull::tcp_stream& stream, std::error_code& error, std::string& text) {
  auto got = co_await stream.receive();
  error = got.error();
  if (got) text += got->text();
}

// Everything up to the end of the stream.
lull::task<std::string> receive_all(lull::tcp_stream& stream) {
  std::string text;
  for (;;) {
    auto got = co_await stream.receive();
    REQUIRE(got);
    if (got->empty()) break;
    text += got->text();
  }
  co_return text;
}

}  // namespace

TEST_CASE("a stream receives until its end, in order, on every kind of kernel") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      const std::string text = pattern(50'000);
      both.peer.send(text);
      both.peer.end_sending();
      auto receiving = receive_all(both.stream);
      const std::string got = co_await std::move(receiving);
      CHECK(got == text);
      auto again = co_await both.stream.receive();
      REQUIRE(again);
      CHECK(again->empty());
      auto sent = co_await both.stream.send_all("half closed");
      CHECK(sent);
      CHECK(both.peer.receive() == "half closed");
      CHECK(io_test::views() == 0);
    });
  }
}

TEST_CASE("segments of one byte arrive whole and in order") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      const std::string text = pattern(300);
      lull::scope receiving;
      std::string got;
      receiving.spawn([&]() -> lull::task<> {
        auto all = receive_all(both.stream);
        got = co_await std::move(all);
      });
      for (const char one : text) {
        both.peer.send(std::string_view(&one, 1));
        co_await lull::yield();
      }
      both.peer.close();
      co_await receiving.join();
      CHECK(got == text);
    });
  }
}

TEST_CASE("a piece stays as it is while it is kept, and later ones are elsewhere") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      std::vector<lull::received> kept;  // of 64 bytes: none is split between buffers
      for (unsigned i = 0; i < 20; ++i) {
        both.peer.send(pattern(64, i));
        auto got = co_await both.stream.receive();
        REQUIRE(got);
        kept.push_back(std::move(*got));
      }
      for (unsigned i = 0; i < 20; ++i) CHECK(kept[i].text() == pattern(64, i));
      CHECK(io_test::views() == 20);
      co_await both.stream.close();
      CHECK(kept[7].text() == pattern(64, 7));  // longer than the stream, if need be
      kept.clear();
      CHECK(io_test::views() == 0);
    });
  }
}

TEST_CASE("a reset is told after the bytes that came before it") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      both.peer.send("last words");
      auto got = co_await both.stream.receive();
      REQUIRE(got);
      CHECK(got->text() == "last words");
      both.peer.reset();
      for (int i = 0; i < 2; ++i) {
        auto after = co_await both.stream.receive();
        CHECK(after.error() == std::errc::connection_reset);
      }
    });
  }
}

TEST_CASE("a stopped receive ends, and later bytes are there for the next one") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      for (int i = 0; i < 20; ++i) {
        lull::scope scope;
        std::error_code error;
        std::string text;
        if (i == 0) scope.request_stop();
        scope.spawn(receive_one, std::ref(both.stream), std::ref(error), std::ref(text));
        co_await lull::yield();
        if (i % 2 == 0) co_await lull::yield();
        if (i % 4 < 2) both.peer.send("12345");
        if (i % 3 == 0) co_await lull::yield();
        scope.request_stop();
        co_await scope.join();
        if (i % 4 >= 2) both.peer.send("12345");
        while (text.size() < 5) {
          auto rest = co_await both.stream.receive();
          REQUIRE(rest);
          text += rest->text();
        }
        CHECK(text == "12345");
      }
    });
  }
}

TEST_CASE("a stop is heeded even when bytes are waiting, and they stay") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto first = co_await both.stream.receive();
    REQUIRE(first);
    both.peer.send("b");
    while (both.stream.unread() == 0) co_await lull::yield();
    lull::scope scope;
    scope.request_stop();
    std::error_code error;
    std::string text;
    scope.spawn(receive_one, std::ref(both.stream), std::ref(error), std::ref(text));
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    auto second = co_await both.stream.receive();
    REQUIRE(second);
    CHECK(second->text() == "b");
  });
}

TEST_CASE("bytes that have come are received without suspending") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto first = co_await both.stream.receive();
    REQUIRE(first);
    both.peer.send("b");
    while (both.stream.unread() == 0) co_await lull::yield();
    const auto resumes = lull::core::current().statistics().resumes;
    auto second = co_await both.stream.receive();
    CHECK(second);
    CHECK(lull::core::current().statistics().resumes == resumes);
  });
}

TEST_CASE("bytes for who waits are counted as those for nobody are, and leave nothing unread") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    std::string text;
    for (int i = 0; i < 3; ++i) {
      std::error_code error;
      lull::scope waiting;
      waiting.spawn(receive_one, std::ref(both.stream), std::ref(error), std::ref(text));
      co_await lull::yield();
      both.peer.send("ab");
      co_await waiting.join();
      CHECK(both.stream.unread() == 0);
    }
    both.peer.send("c");
    while (both.stream.unread() == 0) co_await lull::yield();
    CHECK(text == "ababab");
    CHECK(both.stream.unread() == 1);
    CHECK(lull::io_here().received_pieces == 4);
    CHECK(lull::io_here().slow_readers == 0);
  });
}

TEST_CASE("closing ends a waiting receive, and gives unread bytes back") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      both.peer.send("a");
      auto first = co_await both.stream.receive();
      REQUIRE(first);
      first->reset();
      std::error_code error;
      std::string text;
      lull::scope scope;
      scope.spawn(receive_one, std::ref(both.stream), std::ref(error), std::ref(text));
      co_await lull::yield();
      co_await both.stream.close();
      co_await scope.join();
      CHECK(error == std::errc::operation_canceled);
      CHECK(both.peer.receive().empty());
      CHECK(io_test::views() == 0);
    });
  }
}

TEST_CASE("a stream that is dropped while it receives closes by itself") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      for (int i = 0; i < 20; ++i) {
        connection both = co_await connected();
        both.peer.send("a");
        auto first = co_await both.stream.receive();
        REQUIRE(first);
        if (i % 2 == 0) both.peer.send("never read");
        if (i % 4 < 2) co_await lull::yield();
        both.stream = lull::tcp_stream();
        if (i % 5 == 0) co_await lull::sleep(std::chrono::milliseconds(1));
      }
    });
  }
}

TEST_CASE("a stream that is dropped under a waiting receive ends that receive") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    std::error_code error;
    std::string text;
    lull::scope scope;
    scope.spawn(receive_one, std::ref(both.stream), std::ref(error), std::ref(text));
    co_await lull::yield();
    { const lull::tcp_stream dropped = std::move(both.stream); }
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
}
