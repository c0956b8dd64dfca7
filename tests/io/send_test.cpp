// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <thread>

#include "connected.hpp"
#include "on_core.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;

namespace {

lull::task<> send_whole(lull::tcp_stream& stream, const std::string& text, std::error_code& error) {
  auto sent = co_await stream.send_all(text);
  error = sent.error();
}

// Reads on a thread of its own, as slowly as the peer's buffer makes it.
std::string drain(io_test::raw_peer& peer, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    const std::string now = peer.receive(3000);
    if (now.empty()) break;
    text += now;
  }
  return text;
}

}  // namespace

TEST_CASE("sending gives how many bytes were taken, sending everything gives none back") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    auto some = co_await both.stream.send("hello");
    REQUIRE(some);
    CHECK(*some == 5);
    CHECK(both.peer.receive() == "hello");
    auto all = co_await both.stream.send_all("world");
    CHECK(all);
    CHECK(both.peer.receive() == "world");
    auto nothing = co_await both.stream.send_all("");
    CHECK(nothing);
  });
}

TEST_CASE("a message larger than every buffer on its way is sent whole") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected(4096);
    io_test::small_send_buffer(both.stream);
    const std::string text = pattern(400'000);
    std::string got;
    std::thread reader([&] { got = drain(both.peer, text.size()); });
    auto sent = co_await both.stream.send_all(text);
    CHECK(sent);
    reader.join();
    CHECK(got == text);
  });
}

TEST_CASE("sending to a peer that has gone fails without a signal") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.reset();
    auto first = co_await both.stream.send_all("x");
    CHECK(
        (first.error() == std::errc::connection_reset || first.error() == std::errc::broken_pipe));
    auto second = co_await both.stream.send("x");
    CHECK(second.error() == std::errc::broken_pipe);
  });
}

TEST_CASE("after shutdown the peer reads the end, and sending fails") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.stream.send_all("bye");
    CHECK(sent);
    auto down = co_await both.stream.shutdown();
    CHECK(down);
    CHECK(both.peer.receive() == "bye");
    CHECK(both.peer.receive().empty());
    auto late = co_await both.stream.send_all("x");
    CHECK(late.error() == std::errc::broken_pipe);
    both.peer.send("still open this way");
    auto got = co_await both.stream.receive();
    REQUIRE(got);
    CHECK(got->text() == "still open this way");
    co_await both.stream.close();
    auto closed = co_await both.stream.shutdown();
    CHECK(closed.error() == std::errc::bad_file_descriptor);
    auto send_closed = co_await both.stream.send_all("x");
    CHECK(send_closed.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("a send to a peer that does not read ends when it is stopped") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected(4096);
    io_test::small_send_buffer(both.stream);
    const std::string text = pattern(8'000'000);
    for (const bool before : {true, false}) {
      lull::scope scope;
      std::error_code error;
      if (before) scope.request_stop();
      scope.spawn(send_whole, std::ref(both.stream), std::cref(text), std::ref(error));
      for (int i = 0; i < 5; ++i) co_await lull::yield();
      co_await lull::sleep(std::chrono::milliseconds(1));
      scope.request_stop();
      co_await scope.join();
      CHECK(error == std::errc::operation_canceled);
    }
  });
}

TEST_CASE("closing or dropping a stream ends a send that does not come to its end") {
  on_core([]() -> lull::task<> {
    for (const bool drop : {true, false}) {
      connection both = co_await connected(4096);
      io_test::small_send_buffer(both.stream);
      const std::string text = pattern(8'000'000);
      lull::scope scope;
      std::error_code error;
      scope.spawn(send_whole, std::ref(both.stream), std::cref(text), std::ref(error));
      for (int i = 0; i < 5; ++i) co_await lull::yield();
      if (drop) {
        const lull::tcp_stream dropped = std::move(both.stream);
      } else {
        co_await both.stream.close();
      }
      co_await scope.join();
      CHECK((error == std::errc::operation_canceled || error == std::errc::broken_pipe));
    }
  });
}

TEST_CASE("one coroutine receives while another sends on the same stream") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    std::error_code error = std::make_error_code(std::errc::io_error);
    const std::string text = pattern(100'000);
    lull::scope scope;
    scope.spawn(send_whole, std::ref(both.stream), std::cref(text), std::ref(error));
    both.peer.send("from the other side");
    auto got = co_await both.stream.receive();
    REQUIRE(got);
    CHECK(got->text() == "from the other side");
    std::string read;
    while (read.size() < text.size()) {
      read += both.peer.receive(text.size() - read.size());
      co_await lull::yield();
    }
    co_await scope.join();
    CHECK(!error);
    CHECK(read == text);
  });
}
