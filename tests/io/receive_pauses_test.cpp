// SPDX-License-Identifier: MIT
// A stream whose reader is slow pauses its own receive.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <string>

#include "connected.hpp"
#include "stream_buffers.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;
using io_test::stream_buffers;

TEST_CASE("more than may be unread, in one piece for who waits, went on receiving") {
  on_core([]() -> lull::task<> {
    constexpr std::size_t bound = lull::limits::unread_bytes;
    lull::choose_buffers({.count = 4, .bytes = 4 * bound});
    connection both = co_await connected();
    REQUIRE(both.stream.receive_room(4 * bound));
    std::uint64_t large = 0;
    for (int i = 0; i < 20; ++i) {
      lull::scope waiting;
      std::size_t got = 0;
      waiting.spawn([&]() -> lull::task<> {
        auto piece = co_await both.stream.receive();
        got = piece ? piece->size() : 0;
      });
      co_await lull::yield();
      both.peer.send(pattern(bound + 1));
      co_await waiting.join();
      if (got > bound) ++large;
      for (std::size_t rest = bound + 1 - got; rest > 0;) {
        auto piece = co_await both.stream.receive();
        REQUIRE(piece);
        rest -= piece->size();
      }
    }
    CHECK(large > 0);
    if (stream_buffers().multishot()) CHECK(lull::io_here().slow_readers >= large);
  });
}

TEST_CASE("a slow reader pauses its own receive, and loses nothing") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      connection slow = co_await connected();
      connection quick = co_await connected();
      slow.peer.send("a");
      auto first = co_await slow.stream.receive();
      REQUIRE(first);
      const std::string text =
          pattern(std::min<std::size_t>(8 * lull::limits::unread_bytes, 200'000));
      std::size_t sent = 0;
      for (int i = 0; i < 200; ++i) {
        const std::size_t step = std::min<std::size_t>(text.size() - sent, 4096);
        const ssize_t now =
            ::send(slow.peer.descriptor(), text.data() + sent, step, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (now > 0) sent += static_cast<std::size_t>(now);
        co_await lull::yield();
        quick.peer.send("q");
        auto answer = co_await quick.stream.receive();
        CHECK(answer);
      }
      // The bound, and what came until the kernel had heard of the pause.
      CHECK(slow.stream.unread() <= lull::limits::unread_bytes + 32 * 1024);
      CHECK((slow.stream.unread() < sent || sent <= lull::limits::unread_bytes + 32 * 1024));
      std::string got;
      while (got.size() < sent) {
        auto piece = co_await slow.stream.receive();
        REQUIRE(piece);
        got += piece->text();
      }
      CHECK(got == text.substr(0, sent));
    });
  }
}
