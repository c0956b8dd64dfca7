// SPDX-License-Identifier: MIT
// The kernel is asked to end what it is about to try again: it finds nothing to end, and goes on
// waiting.
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/event_descriptor.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/unix_datagram_socket.hpp>
#include <lull/io/unix_listener.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "../open_descriptors.hpp"
#include "../ring/deaf_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"

using io_test::on_core;
using test::deaf_kernel;

namespace {

constexpr int tries = 20;

// Until the next cancel has been heard of, and what it ends has ended.
lull::task<> until_found(const deaf_kernel& kernel) {
  while (kernel.found() == 0) co_await lull::sleep(std::chrono::microseconds(200));
  co_await lull::sleep(std::chrono::microseconds(200));
}

// With more buffers than a stream may leave unread.
lull::task<io_test::connection> connected_and_receiving() {
  lull::choose_buffers({.count = 1024, .bytes = 4096});
  io_test::connection both = co_await io_test::connected();
  both.peer.send("x");
  const auto first = co_await both.stream.receive();
  CHECK(first->text() == "x");
  co_return both;
}

lull::task<> send_until_stopped(lull::tcp_stream& to, const std::string& text,
                                std::error_code& error) {
  const auto sent = co_await to.send_all(text);
  error = sent.error();
}

}  // namespace

TEST_CASE("a cancel that the kernel has not heard of is repeated, by a stop and by a close") {
  for (const bool by_close : {false, true}) {
    deaf_kernel kernel;
    on_core(
        {},
        [&kernel, by_close]() -> lull::task<> {
          io_test::connection both = co_await io_test::connected();
          (void)both.stream.send_room(1);
          const std::string text(200'000, 'x');
          lull::scope sending;
          std::error_code error;
          sending.spawn(send_until_stopped, std::ref(both.stream), std::cref(text),
                        std::ref(error));
          co_await lull::sleep(std::chrono::milliseconds(1));
          kernel.miss(3);
          if (by_close) {
            co_await both.stream.close();
          } else {
            sending.request_stop();
          }
          co_await sending.join();
          CHECK(error == std::errc::operation_canceled);
        },
        kernel);
    CHECK(kernel.left() == 0);
  }
}

TEST_CASE("a pause of a receive that the kernel has not heard of is repeated") {
  deaf_kernel kernel;
  on_core(
      {},
      [&kernel]() -> lull::task<> {
        auto receiving = connected_and_receiving();
        io_test::connection both = co_await std::move(receiving);
        const std::string part(2 * lull::limits::unread_bytes, 'x');
        kernel.miss(1);
        both.peer.send(part);  // nobody reads it
        auto finding = until_found(kernel);
        co_await std::move(finding);
        const std::size_t unread = both.stream.unread();
        both.peer.send(part);
        co_await lull::sleep(std::chrono::milliseconds(2));
        CHECK(both.stream.unread() == unread);
      },
      kernel);
}

TEST_CASE("a close that came while a receive was paused ended no send") {
  deaf_kernel kernel;
  on_core(
      {},
      [&kernel]() -> lull::task<> {
        auto receiving = connected_and_receiving();
        io_test::connection both = co_await std::move(receiving);
        (void)both.stream.send_room(1);
        const std::string text(200'000, 'x');
        lull::scope sending;
        std::error_code error;
        sending.spawn(send_until_stopped, std::ref(both.stream), std::cref(text), std::ref(error));
        kernel.miss(1000);
        both.peer.send(std::string(2 * lull::limits::unread_bytes, 'x'));
        co_await lull::sleep(std::chrono::milliseconds(2));
        CHECK(kernel.left() < 1000);
        kernel.miss(0);
        co_await both.stream.close();
        co_await sending.join();
        CHECK(error == std::errc::operation_canceled);
      },
      kernel);
}

TEST_CASE("a pause of a listener that the kernel has not heard of is repeated") {
  deaf_kernel kernel;
  on_core(
      {},
      [&kernel]() -> lull::task<> {
        auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
        std::vector<io_test::raw_peer> peers;
        peers.emplace_back(listener.local());
        const auto first = co_await listener.accept();
        CHECK(first);
        kernel.miss(1);
        for (std::size_t i = 0; i < lull::limits::untaken_connections + 2; ++i) {
          peers.emplace_back(listener.local());
        }
        auto finding = until_found(kernel);
        co_await std::move(finding);
        const std::size_t before = test::open_descriptors();
        peers.emplace_back(listener.local());
        co_await lull::sleep(std::chrono::milliseconds(1));
        CHECK(test::open_descriptors() == before + 1);  // the peer's
      },
      kernel);
}

TEST_CASE("a send of everything went on waiting for its peer after it was stopped") {
  on_core([]() -> lull::task<> {
    const std::string text(200'000, 'x');
    for (int i = 0; i < tries; ++i) {
      for (const bool by_close : {false, true}) {
        io_test::connection both = co_await io_test::connected();
        (void)both.stream.send_room(1);
        lull::scope sending;
        std::error_code error;
        sending.spawn(send_until_stopped, std::ref(both.stream), std::cref(text), std::ref(error));
        co_await lull::yield();
        if (by_close) {
          co_await both.stream.close();
        } else {
          sending.request_stop();
        }
        co_await sending.join();
        CHECK(error == std::errc::operation_canceled);
      }
    }
  });
}

TEST_CASE("a connect went on waiting for room with the listener after it was stopped") {
  on_core([]() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any(), {.backlog = 1}).value();
    std::vector<lull::unix_stream> made;
    for (int i = 0; i < 2; ++i) made.push_back((co_await lull::connect(listener.local())).value());
    for (int i = 0; i < tries; ++i) {
      lull::scope connecting;
      std::error_code error;
      connecting.spawn([&]() -> lull::task<> {
        const auto one = co_await lull::connect(listener.local());
        error = one.error();
      });
      co_await lull::yield();
      connecting.request_stop();
      co_await connecting.join();
      CHECK(error == std::errc::operation_canceled);
    }
  });
}

TEST_CASE("closing a counter waited for an addition that waited for room") {
  on_core([]() -> lull::task<> {
    for (int i = 0; i < tries; ++i) {
      auto counter = lull::event_descriptor::make().value();
      (co_await counter.add(~std::uint64_t{0} - 1)).value();
      lull::scope adding;
      std::error_code error;
      adding.spawn([&]() -> lull::task<> {
        const auto added = co_await counter.add(5);
        error = added.error();
      });
      co_await lull::yield();
      const auto closed = co_await counter.close();
      CHECK(closed);
      co_await adding.join();
      CHECK(error == std::errc::operation_canceled);
    }
  });
}
