// SPDX-License-Identifier: MIT
// Many connections over queues that are far too small for them.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/descriptor_limit.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <vector>

#include "connected.hpp"
#include "echo_service.hpp"
#include "ways_to_receive.hpp"

using io_test::on_core;
using io_test::pattern;
using io_test::small_ring;

namespace {

lull::task<> converse(lull::address where, unsigned seed, int rounds, int& good) {
  auto connected = co_await lull::connect(where);
  CHECK(connected);
  if (!connected) co_return;
  lull::tcp_stream stream = std::move(*connected);
  for (int i = 0; i < rounds; ++i) {
    const std::string text = pattern(100, seed + static_cast<unsigned>(i));
    auto sent = co_await stream.send_all(text);
    CHECK(sent);
    std::string back;
    while (back.size() < text.size()) {
      auto got = co_await stream.receive();
      CHECK(got);
      if (!got || got->empty()) co_return;
      back += got->text();
    }
    if (back == text) ++good;
  }
  if (seed % 2 == 0) co_await stream.close();
}

lull::task<> wait_for_bytes(lull::tcp_stream stream, bool into_buffer, int& stopped) {
  if (into_buffer) {
    std::byte into[8];
    auto got = co_await stream.receive(into);
    if (got.error() == std::errc::operation_canceled) ++stopped;
  } else {
    auto got = co_await stream.receive();
    if (got.error() == std::errc::operation_canceled) ++stopped;
  }
}

// As many as the descriptors that this process may have allow, two each, up to 2,000.
int many_connections() {
  constexpr std::size_t most = 2000;
  (void)lull::allow_descriptors(2 * most + 100);
  return static_cast<int>(std::min(lull::descriptors_allowed() / 2 - 50, most));
}

}  // namespace

TEST_CASE("two hundred conversations over 8 submissions and 16 completions") {
  for (auto options : io_test::ways_to_receive()) {
    options.ring.submissions = 8;
    options.ring.completions = 16;
    on_core(options, []() -> lull::task<> {
      auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
      lull::scope served;
      served.spawn(io_test::serve_echo, std::ref(listener), std::ref(served));
      constexpr unsigned clients = 200;
      constexpr int rounds = 5;
      int good = 0;
      lull::scope conversations;
      for (unsigned i = 0; i < clients; ++i) {
        conversations.spawn(converse, listener.local(), i, rounds, std::ref(good));
      }
      co_await conversations.join();
      CHECK(good == static_cast<int>(clients) * rounds);
      co_await listener.close();
      co_await served.join();
    });
  }
}

TEST_CASE("thousands of receives are stopped at once over 64 submissions") {
  for (const bool into_buffer : {true, false}) {
    on_core(small_ring(64, 128), [into_buffer]() -> lull::task<> {
      auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
      const int count = many_connections();
      lull::scope waiting;
      int stopped = 0;
      std::vector<io_test::raw_peer> peers;
      for (int i = 0; i < count; ++i) {
        peers.emplace_back(listener.local());
        auto stream = co_await listener.accept();
        REQUIRE(stream);
        waiting.spawn(wait_for_bytes, std::move(*stream), into_buffer, std::ref(stopped));
      }
      co_await lull::yield();
      waiting.request_stop();
      co_await waiting.join();
      CHECK(stopped == count);
    });
  }
}

TEST_CASE("receives are stopped before the kernel has heard of them") {
  on_core(small_ring(8, 16), []() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope waiting;
    int stopped = 0;
    std::vector<io_test::raw_peer> peers;
    for (int i = 0; i < 100; ++i) {
      peers.emplace_back(listener.local());
      auto stream = co_await listener.accept();
      REQUIRE(stream);
      waiting.spawn(wait_for_bytes, std::move(*stream), i % 2 == 0, std::ref(stopped));
    }
    waiting.request_stop();  // most have no submission yet, some not even begun
    co_await waiting.join();
    CHECK(stopped == 100);
  });
}
