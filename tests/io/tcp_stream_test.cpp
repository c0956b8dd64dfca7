// SPDX-License-Identifier: MIT
#include <netinet/tcp.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <chrono>
#include <limits>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <memory>
#include <vector>

#include "connected.hpp"
#include "echo_service.hpp"
#include "on_core.hpp"
#include "raw_peer.hpp"

using io_test::on_core;
using io_test::raw_peer;

TEST_CASE("a stream sends back what it receives") {
  on_core([]() -> lull::task<> {
    lull::tcp_listener listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope all;
    all.spawn(io_test::serve_echo, std::ref(listener), std::ref(all));
    auto connected = co_await lull::connect(listener.local());
    REQUIRE(connected);
    lull::tcp_stream stream = std::move(*connected);
    for (int i = 0; i < 100; ++i) {
      auto sent = co_await stream.send_all("hello");
      REQUIRE(sent);
      std::string back;
      while (back.size() < 5) {
        auto got = co_await stream.receive();
        REQUIRE(got);
        back += got->text();
      }
      CHECK(back == "hello");
    }
    co_await stream.close();
    co_await listener.close();
    co_await all.join();
    CHECK(lull::io_here().sockets == 2);  // until their owners go
  });
}

TEST_CASE("a runtime of two cores serves, and ends with streams open and waiting") {
  lull::detected_capabilities();
  const std::size_t before = io_test::open_descriptors();
  int good[2] = {0, 0};
  auto cores =
      std::make_unique<lull::runtime>(lull::run_options{.cores = {0, 0}, .handle_signals = false});
  cores->run([&]() -> lull::task<> {
    lull::tcp_listener listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope all;
    all.spawn(io_test::serve_echo, std::ref(listener), std::ref(all));
    std::vector<lull::tcp_stream> streams;
    for (int i = 0; i < 20; ++i) {
      // No REQUIRE on two threads at once: Catch2 is for one.
      auto connected = co_await lull::connect(listener.local());
      if (!connected) break;
      auto sent = co_await connected->send_all("hello");
      if (!sent) break;
      auto got = co_await connected->receive();
      if (!got) break;
      if (got->text().substr(0, 1) == "h") ++good[lull::this_core()];
      streams.push_back(std::move(*connected));
    }
    if (lull::this_core() == 0) cores->request_stop();
    co_await lull::stop_requested();
    all.request_stop();
    co_await all.join();
  });
  CHECK(good[0] == 20);
  CHECK(good[1] == 20);
  cores.reset();
  CHECK(io_test::open_descriptors() == before);
}

TEST_CASE("streams move, and an assigned one lets go of what it had") {
  on_core([]() -> lull::task<> {
    lull::tcp_stream empty;
    CHECK(!empty.is_open());
    lull::tcp_listener listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    raw_peer first_peer(listener.local());
    raw_peer second_peer(listener.local());
    auto first = co_await listener.accept();
    auto second = co_await listener.accept();
    REQUIRE(first);
    REQUIRE(second);
    lull::tcp_stream stream = std::move(*first);
    CHECK(!first->is_open());
    CHECK(stream.is_open());
    stream = std::move(*second);
    co_await lull::sleep(std::chrono::microseconds(1));  // after an iteration, which closes it
    CHECK(first_peer.receive().empty());
    auto sent = co_await stream.send_all("second");
    CHECK(sent);
    CHECK(second_peer.receive() == "second");
    CHECK(stream.descriptor() >= 0);
    co_await stream.close();
    CHECK(stream.descriptor() == -1);
    CHECK(!stream.is_open());
    CHECK(stream.local().error() == std::errc::bad_file_descriptor);
    CHECK(stream.no_delay(true).error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("the options of a TCP stream reach the kernel, and fail once it is closed") {
  on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    raw_peer peer(listener.local());
    auto stream = co_await listener.accept();
    REQUIRE(stream);
    const auto option = [&](int level, int name) {
      int value = 0;
      socklen_t bytes = sizeof(value);
      ::getsockopt(stream->descriptor(), level, name, &value, &bytes);
      return value;
    };
    REQUIRE(stream->keep_alive(
        {.idle = std::chrono::seconds(7), .interval = std::chrono::seconds(3), .questions = 2}));
    CHECK(option(SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(IPPROTO_TCP, TCP_KEEPIDLE) == 7);
    CHECK(option(IPPROTO_TCP, TCP_KEEPINTVL) == 3);
    CHECK(option(IPPROTO_TCP, TCP_KEEPCNT) == 2);
    // 2^32 and some, of which an int would keep the rest.
    const auto cut = stream->keep_alive({.idle = std::chrono::seconds((1LL << 32) + 9)});
    CHECK(cut.error() == std::errc::invalid_argument);
    CHECK(option(IPPROTO_TCP, TCP_KEEPIDLE) == 7);
    REQUIRE(stream->confirm_within(std::chrono::milliseconds::max()));
    CHECK(option(IPPROTO_TCP, TCP_USER_TIMEOUT) == std::numeric_limits<int>::max());
    // 2^32 less than 9, of which an int would keep the 9.
    const auto below = stream->confirm_within(std::chrono::milliseconds(9 - (1LL << 32)));
    CHECK(below.error() == std::errc::invalid_argument);
    REQUIRE(stream->confirm_within(std::chrono::milliseconds(1500)));
    CHECK(option(IPPROTO_TCP, TCP_USER_TIMEOUT) == 1500);
    REQUIRE(stream->receive_room(8192));
    REQUIRE(stream->send_room(16384));
    CHECK(option(SOL_SOCKET, SO_RCVBUF) == 2 * 8192);  // the kernel counts its own part too
    CHECK(option(SOL_SOCKET, SO_SNDBUF) == 2 * 16384);
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    REQUIRE(stream->receive_room(most));
    REQUIRE(stream->send_room(most));
    CHECK(option(SOL_SOCKET, SO_RCVBUF) > 2 * 8192);
    CHECK(option(SOL_SOCKET, SO_SNDBUF) > 2 * 16384);
    CHECK(stream->keep_alive({.questions = 1000}).error() == std::errc::invalid_argument);
    REQUIRE(stream->reset_on_close(true));
    co_await stream->close();
    char byte = 0;
    CHECK(::recv(peer.descriptor(), &byte, 1, 0) == -1);
    CHECK(errno == ECONNRESET);
    CHECK(stream->keep_alive().error() == std::errc::bad_file_descriptor);
    CHECK(stream->send_room(1).error() == std::errc::bad_file_descriptor);
  });
}

namespace {

// Awaits, stop or not, what `wait` makes, until `enough` or a hundred thousand times.
template <class Wait>
lull::task<> try_on_and_on(Wait wait, const bool* enough) {
  for (int i = 0; i < 100'000 && !*enough; ++i) {
    auto again = wait();
    co_await std::move(again);
  }
}

}  // namespace

TEST_CASE("loops of accepts and receives went on after a stop, and were all that ran") {
  on_core([]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected();
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    io_test::connection other = co_await io_test::connected();
    std::byte into[16];
    bool enough = false;
    lull::scope stubborn;
    stubborn.spawn([&]() -> lull::task<> {
      auto accepting = [&]() -> lull::task<> { (void)co_await listener.accept(); };
      return try_on_and_on(accepting, &enough);
    });
    stubborn.spawn([&]() -> lull::task<> {
      auto receiving = [&]() -> lull::task<> { (void)co_await both.stream.receive(); };
      return try_on_and_on(receiving, &enough);
    });
    stubborn.spawn([&]() -> lull::task<> {
      auto reading = [&]() -> lull::task<> { (void)co_await other.stream.receive(into); };
      return try_on_and_on(reading, &enough);
    });
    stubborn.request_stop();
    int beats = 0;
    for (; beats < 10; ++beats) co_await lull::yield();
    CHECK(stubborn.size() == 3);
    enough = true;
    co_await stubborn.join();
  });
}
