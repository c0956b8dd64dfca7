// SPDX-License-Identifier: MIT
// buffered_reader and buffered_writer over sockets: what they cost, and peers that stall, reset,
// close, or send a byte at a time.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/buffered_writer.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/io_core.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "connected.hpp"
#include "unix_pair.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;
using tcp_reader = lull::buffered_reader<lull::tcp_stream>;
using tcp_writer = lull::buffered_writer<lull::tcp_stream>;

namespace {

constexpr std::chrono::milliseconds a_while{2};

lull::task<> read_one_line(tcp_reader& from, std::string& text, std::error_code& error) {
  const auto line = co_await from.read_line();
  error = line.error();
  if (line) text = line->text();
}

lull::task<> write_much(tcp_writer& to, const std::string& text, std::error_code& error) {
  const auto written = co_await to.write(text);
  error = written.error();
  if (error) co_return;
  const auto flushed = co_await to.flush();
  error = flushed.error();
}

std::uint64_t submissions() { return lull::core::current().submissions().statistics().submissions; }

// What is there now.
std::string received_now(const io_test::raw_peer& by) {
  std::string text(100'000, '\0');
  const ssize_t got = ::recv(by.descriptor(), text.data(), text.size(), MSG_DONTWAIT);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

bool ended_connection(std::error_code error) {
  return error == std::errc::connection_reset || error == std::errc::broken_pipe;
}

}  // namespace

TEST_CASE("ten writes of one iteration are one submission") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    tcp_writer to(both.stream);
    co_await lull::sleep(a_while);
    const std::uint64_t before = submissions();
    for (int i = 0; i < 10; ++i) {
      const auto written = co_await to.write("a part, ");
      CHECK(written);
    }
    const auto flushed = co_await to.flush();
    const std::uint64_t after = submissions();
    CHECK(flushed);
    CHECK(after - before == 1);
    std::string expected;
    for (int i = 0; i < 10; ++i) expected += "a part, ";
    CHECK(both.peer.receive() == expected);
  });
}

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

TEST_CASE("a peer that reads slowly slows the writer down, within the bound, and gets everything") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected(4096);
    io_test::small_send_buffer(both.stream);
    tcp_writer to(both.stream, 5000);
    const std::string text = pattern(200'000);
    lull::scope writing;
    std::error_code error;
    writing.spawn(write_much, std::ref(to), std::cref(text), std::ref(error));
    std::string read;
    std::size_t most = 0;
    for (int i = 0; read.size() < text.size() && i < 100'000; ++i) {
      co_await lull::yield();
      most = std::max(most, to.unsent());
      if (i % 4 == 0) read += received_now(both.peer);
    }
    co_await writing.join();
    CHECK(!error);
    CHECK((read == text));
    CHECK(most == 5000);
  });
}

TEST_CASE("a write that waits ends when the peer resets, the stream closes, or it is stopped") {
  for (int way = 0; way < 3; ++way) {
    on_core([way]() -> lull::task<> {
      connection both = co_await connected(4096);
      io_test::small_send_buffer(both.stream);
      tcp_writer to(both.stream);
      const std::string text = pattern(4'000'000);
      lull::scope writing;
      std::error_code error;
      writing.spawn(write_much, std::ref(to), std::cref(text), std::ref(error));
      co_await lull::sleep(a_while);
      CHECK(writing.size() == 1);
      if (way == 0) both.peer.reset();
      if (way == 1) co_await both.stream.close();
      if (way == 2) writing.request_stop();
      co_await writing.join();
      CHECK((way == 0 ? ended_connection(error) : error == std::errc::operation_canceled));
      const auto later = co_await lull::timeout(a_while, to.flush());
      CHECK((later.timed_out() || !*later));  // failed for good, or still waiting for the peer
      if (way == 2) CHECK(to.unsent() == lull::limits::unsent_bytes);
    });
  }
}

TEST_CASE("writing to a stream that was closed, or that its peer has reset, is found out") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    tcp_writer to(both.stream);
    both.peer.reset();
    co_await lull::sleep(a_while);
    const auto taken = co_await to.write("x");
    CHECK(taken);
    const auto flushed = co_await to.flush();
    CHECK(ended_connection(flushed.error()));

    connection other = co_await connected();
    tcp_writer closed(other.stream);
    (void)co_await closed.write("x");
    co_await other.stream.close();
    const auto failed = co_await closed.flush();
    CHECK(failed.error() == std::errc::bad_file_descriptor);
    const auto after = co_await closed.write("x");
    CHECK(after.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("dropping writer and stream with a send in flight ends the send and then the memory") {
  on_core([]() -> lull::task<> {
    for (int i = 0; i < 3; ++i) {
      connection both = co_await connected(4096);
      io_test::small_send_buffer(both.stream);
      lull::tcp_stream stream = std::move(both.stream);
      tcp_writer to(stream);
      (void)co_await to.write(pattern(lull::limits::unsent_bytes));
      if (i > 0) co_await lull::sleep(a_while);
      if (i > 1) both.peer.reset();
    }
  });
}

TEST_CASE("a send in flight whose writer has gone still sends the bytes that were written") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected(4096);
    io_test::small_send_buffer(both.stream);
    const std::string text = pattern(300'000);
    {
      tcp_writer to(both.stream, text.size());
      (void)co_await to.write(text);
      co_await lull::sleep(a_while);
    }
    const std::string other(300'000, '!');  // where the bytes were, if they had gone
    std::string read;
    for (int i = 0; read.size() < text.size() && i < 100'000; ++i) {
      co_await lull::yield();
      read += received_now(both.peer);
    }
    CHECK((read == text));
    CHECK(other.size() == text.size());
  });
}
