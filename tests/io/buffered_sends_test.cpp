// SPDX-License-Identifier: MIT
// buffered_writer over sockets: what it submits, and peers that stall or reset, stops and close.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include <lull/io/buffered_writer.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/shield.hpp>
#include <lull/sched/timeout.hpp>

#include "connected.hpp"
#include "in_runtime.hpp"
#include "on_core.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;
using tcp_writer = lull::buffered_writer<lull::tcp_stream>;

namespace {

constexpr std::chrono::milliseconds a_little_while{2};

lull::task<> write_much(tcp_writer& to, const std::string& text, std::error_code& error) {
  const auto written = co_await to.write(text);
  error = written.error();
  if (error) co_return;
  const auto flushed = co_await to.flush();
  error = flushed.error();
}

std::uint64_t submissions() { return lull::core::current().submissions().statistics().submissions; }

// Until the sockets are full, and nothing is submitted any more.
lull::task<> stalls() {
  for (std::uint64_t before = 0; before != submissions();) {
    before = submissions();
    co_await lull::sleep(a_little_while);
  }
}

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
    co_await lull::sleep(a_little_while);
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
      co_await stalls();
      CHECK(writing.size() == 1);
      if (way == 0) both.peer.reset();
      if (way == 1) co_await both.stream.close();
      if (way == 2) writing.request_stop();
      co_await writing.join();
      CHECK((way == 0 ? ended_connection(error) : error == std::errc::operation_canceled));
      const auto later = co_await lull::timeout(a_little_while, to.flush());
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
    co_await lull::sleep(a_little_while);
    const auto taken = co_await to.write("x");
    CHECK(taken);
    const auto flushed = co_await to.flush();
    CHECK(ended_connection(flushed.error()));

    connection other = co_await connected();
    tcp_writer closed(other.stream);
    (void)co_await closed.write("x");
    co_await other.stream.close();
    const auto in_vain = co_await closed.flush();
    CHECK(in_vain.error() == std::errc::bad_file_descriptor);
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
      if (i > 0) co_await stalls();
      if (i > 1) both.peer.reset();
    }
  });
}

TEST_CASE(
    "what a draining task wrote was not sent: the sends had stopped with lull::spawn's tasks") {
  io_test::in_runtime({}, []() -> lull::task<> {
    lull::event begun;
    lull::spawn([&begun]() -> lull::task<> {
      connection both = co_await connected();
      tcp_writer to(both.stream);
      begun.set();
      (void)co_await lull::sleep(std::chrono::hours(1));  // until the end of all mains
      const auto written = co_await to.write("last");
      CHECK(written);
      const auto flushed = co_await lull::shield(to.flush());
      CHECK(flushed);
      CHECK(received_now(both.peer) == "last");
    });
    co_await begun.wait();
    lull::request_stop();
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
      co_await stalls();
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
