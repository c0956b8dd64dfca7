// SPDX-License-Identifier: MIT
// buffered_reader over sockets: peers that stall, reset, or send a byte at a time, stops and close.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include <lull/io/buffered_reader.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "connected.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using tcp_reader = lull::buffered_reader<lull::tcp_stream>;

namespace {

constexpr std::chrono::milliseconds a_while{2};

lull::task<> read_one_line(tcp_reader& from, std::string& text, std::error_code& error) {
  const auto line = co_await from.read_line();
  error = line.error();
  if (line) text = line->text();
}

}  // namespace

TEST_CASE("lines come a byte at a time, in every way to receive, and no buffer waits with them") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection both = co_await connected();
      tcp_reader from(both.stream, 8);
      lull::scope reading;
      std::string text;
      std::error_code error;
      for (const std::string_view line : {"first\r\n", "12345678\r\n", "\n"}) {
        reading.spawn(read_one_line, std::ref(from), std::ref(text), std::ref(error));
        for (const char& byte : line) {
          co_await lull::sleep(std::chrono::microseconds(100));
          CHECK(io_test::views() == 0);
          both.peer.send({&byte, 1});
        }
        co_await reading.join();
        CHECK(!error);
        CHECK(text == line.substr(0, line.find_first_of("\r\n")));
      }
      reading.spawn(read_one_line, std::ref(from), std::ref(text), std::ref(error));
      for (int i = 0; i < 9; ++i) both.peer.send("x");
      co_await reading.join();
      CHECK(error == std::errc::value_too_large);
    });
  }
}

TEST_CASE("a stopped read leaves what has come for the next") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    tcp_reader from(both.stream);
    both.peer.send("one\ntw");
    std::string text;
    std::error_code error;
    auto first = read_one_line(from, text, error);
    co_await std::move(first);
    CHECK(text == "one");
    for (int i = 0; i < 3; ++i) {
      lull::scope reading;
      if (i == 0) reading.request_stop();
      reading.spawn(read_one_line, std::ref(from), std::ref(text), std::ref(error));
      if (i == 1) co_await lull::sleep(a_while);
      if (i == 2) both.peer.send("o");
      if (i == 2) co_await lull::yield();
      reading.request_stop();
      co_await reading.join();
      CHECK(error == std::errc::operation_canceled);
    }
    const auto timed = co_await lull::timeout(a_while, from.read_line());
    CHECK(timed.timed_out());
    both.peer.send("\n");
    auto last = read_one_line(from, text, error);
    co_await std::move(last);
    CHECK(!error);
    CHECK(text == "two");
  });
}

TEST_CASE("a peer that resets ends a read after the whole lines, in every state") {
  for (int state = 0; state < 3; ++state) {
    on_core([state]() -> lull::task<> {
      connection both = co_await connected();
      tcp_reader from(both.stream);
      lull::scope reading;
      std::string text = "none";
      std::error_code error;
      if (state >
          0) {  // 0: nothing has come; 1: whole lines and a part of one; 2: the same, waiting
        both.peer.send("one\ntwo\nthr");
        auto first = read_one_line(from, text, error);
        co_await std::move(first);
        CHECK(text == "one");
      }
      if (state == 2) {
        auto second = read_one_line(from, text, error);
        co_await std::move(second);
        CHECK(text == "two");
        reading.spawn(read_one_line, std::ref(from), std::ref(text), std::ref(error));
        co_await lull::sleep(a_while);
        CHECK(reading.size() == 1);
      }
      both.peer.reset();
      if (state == 1) {
        auto second = read_one_line(from, text, error);
        co_await std::move(second);
        CHECK(!error);
        CHECK(text == "two");
      }
      if (state < 2) reading.spawn(read_one_line, std::ref(from), std::ref(text), std::ref(error));
      co_await reading.join();
      CHECK(error == std::errc::connection_reset);
      CHECK(from.buffered() == (state == 0 ? 0 : 3));
    });
  }
}

TEST_CASE("closing the stream ends a read that waits, and what has come can still be read") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    tcp_reader from(both.stream);
    both.peer.send("one\ntwo\nthr");
    std::string text;
    std::error_code error;
    auto first = read_one_line(from, text, error);
    co_await std::move(first);
    lull::scope reading;
    reading.spawn([&]() -> lull::task<> {
      auto second = read_one_line(from, text, error);
      co_await std::move(second);
      auto third = read_one_line(from, text, error);
      co_await std::move(third);
    });
    co_await lull::sleep(a_while);
    CHECK(text == "two");
    co_await both.stream.close();
    co_await reading.join();
    CHECK(error == std::errc::operation_canceled);
    auto again = read_one_line(from, text, error);
    co_await std::move(again);
    CHECK(error == std::errc::bad_file_descriptor);
    const auto left = co_await from.read_exactly(3);
    CHECK(left->text() == "thr");
  });
}
