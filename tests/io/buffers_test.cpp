// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <lull/io/buffers.hpp>
#include <lull/io/connect.hpp>
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

lull::detail::buffer_pool& pool() {
  return lull::detail::io_core::of(lull::detail::this_context("pool")).buffers();
}

lull::task<> read_text(lull::tcp_stream& stream, std::size_t bytes, std::string& text) {
  while (text.size() < bytes) {
    auto got = co_await stream.receive();
    CHECK(got);
    if (!got || got->empty()) break;
    text += got->text();
  }
}

}  // namespace

TEST_CASE("every buffer is with the kernel again when nobody views one") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_buffers({.count = 4, .bytes = 1024});
      connection both = co_await connected();
      std::string text;
      const std::string sent = pattern(40'000);
      both.peer.send(sent);
      auto reading = read_text(both.stream, sent.size(), text);
      co_await std::move(reading);
      CHECK(text == sent);
      CHECK(pool().views() == 0);
      if (pool().multishot()) CHECK(pool().with_kernel() == 4);
    });
  }
}

TEST_CASE("buffers are incremental where the kernel can, and many small ones otherwise") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto got = co_await both.stream.receive();
    CHECK(got);
    const bool can = lull::detected_capabilities().incremental_buffers;
    CHECK(pool().incremental() == can);
    CHECK(pool().with_kernel() ==
          (can ? lull::limits::incremental_buffers : lull::limits::classic_buffers - 1));
  });
  on_core(io_test::without(&lull::capabilities::incremental_buffers), []() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto got = co_await both.stream.receive();
    CHECK(got);
    CHECK(!pool().incremental());
    CHECK(pool().with_kernel() == lull::limits::classic_buffers - 1);
    got->reset();
    CHECK(pool().with_kernel() == lull::limits::classic_buffers);
  });
}

TEST_CASE("many streams share two buffers, and every byte arrives") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_buffers({.count = 2, .bytes = 256});
      constexpr unsigned streams = 40;
      std::vector<connection> all;
      std::vector<std::string> texts(streams);
      for (unsigned i = 0; i < streams; ++i) {
        auto making = connected();
        all.push_back(co_await std::move(making));
      }
      lull::scope reading;
      for (unsigned i = 0; i < streams; ++i) {
        reading.spawn(read_text, std::ref(all[i].stream), std::size_t{3000}, std::ref(texts[i]));
      }
      for (unsigned part = 0; part < 3; ++part) {
        for (unsigned i = 0; i < streams; ++i) all[i].peer.send(pattern(1000, i + part));
        co_await lull::yield();
      }
      co_await reading.join();
      for (unsigned i = 0; i < streams; ++i) {
        CHECK(texts[i] == pattern(1000, i) + pattern(1000, i + 1) + pattern(1000, i + 2));
      }
      CHECK(pool().views() == 0);
    });
  }
}

TEST_CASE("streams go on receiving while every buffer is kept by somebody") {
  for (const auto& options :
       {lull::core_options(), io_test::without(&lull::capabilities::incremental_buffers)}) {
    on_core(options, []() -> lull::task<> {
      lull::choose_buffers({.count = 2, .bytes = 256});
      connection greedy = co_await connected();
      std::vector<lull::received> kept;
      greedy.peer.send(pattern(2000));
      std::size_t bytes = 0;
      while (bytes < 2000) {  // more than all buffers: the rest comes into the heap
        auto got = co_await greedy.stream.receive();
        REQUIRE(got);
        bytes += got->size();
        kept.push_back(std::move(*got));
      }
      CHECK(pool().with_kernel() == 0);
      CHECK(lull::io_here().starved_receives > 0);
      CHECK(lull::io_here().spare_receives > 0);
      connection other = co_await connected();
      for (unsigned i = 0; i < 5; ++i) {
        other.peer.send(pattern(50, i));
        auto got = co_await other.stream.receive();
        REQUIRE(got);
        CHECK(got->text() == pattern(50, i));
      }
      kept.clear();
      CHECK(pool().with_kernel() == 2);
      other.peer.send("from a buffer again");
      auto got = co_await other.stream.receive();
      REQUIRE(got);
      CHECK(got->text() == "from a buffer again");
      CHECK(pool().views() == 1);
    });
  }
}

TEST_CASE("a connection that nobody read made every other of its core wait for each receive") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_buffers({.count = 4, .bytes = 256});
      connection unread = co_await connected();
      connection other = co_await connected();
      unsigned turn = 0;
      const auto exchange = [&]() -> lull::task<> {
        const std::string sent = pattern(256, ++turn);
        other.peer.send(sent);
        std::string text;
        auto reading = read_text(other.stream, sent.size(), text);
        co_await std::move(reading);
        CHECK(text == sent);
      };
      unread.peer.send("x");
      auto first = co_await unread.stream.receive();
      CHECK(first->text() == "x");
      if (!pool().multishot()) co_return;
      first->reset();
      // A byte in each buffer.
      for (std::size_t i = 1; pool().with_kernel() != 0; ++i) {
        REQUIRE(i < 20);
        unread.peer.send("x");
        while (pool().views() < i) co_await lull::yield();
        if (pool().incremental()) co_await exchange();  // fills the rest
      }
      co_await exchange();  // waits, until it is plain that no buffer comes back
      CHECK(pool().dry());
      const std::uint64_t waited = lull::io_here().starved_receives;
      for (int i = 0; i < 20; ++i) co_await exchange();
      CHECK(lull::io_here().starved_receives == waited);

      while (pool().views() != 0) {
        auto got = co_await unread.stream.receive();
        CHECK(got->text().find_first_not_of('x') == std::string_view::npos);
      }
      CHECK(!pool().dry());
      const std::uint64_t spares = lull::io_here().spare_receives;
      for (int i = 0; i < 20; ++i) co_await exchange();
      CHECK(lull::io_here().spare_receives == spares);
    });
  }
}

TEST_CASE("what fills a block of the heap gets a large one next") {
  on_core(io_test::without(&lull::capabilities::buffer_ring), []() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send(pattern(3 * lull::limits::spare_bytes));
    auto first = co_await both.stream.receive();
    CHECK(first->size() == lull::limits::spare_bytes);
    auto second = co_await both.stream.receive();
    CHECK(second->size() == 2 * lull::limits::spare_bytes);
    both.peer.send("little");
    auto third = co_await both.stream.receive();
    CHECK(third->text() == "little");
    both.peer.send(pattern(3 * lull::limits::spare_bytes));
    auto fourth = co_await both.stream.receive();
    CHECK(fourth->size() == lull::limits::spare_bytes);
  });
}

TEST_CASE("a buffer that one piece of is kept is not filled again") {
  for (const auto& options : io_test::ways_to_receive()) {
    on_core(options, []() -> lull::task<> {
      lull::choose_buffers({.count = 2, .bytes = 256});
      connection both = co_await connected();
      both.peer.send(pattern(64));
      auto kept = co_await both.stream.receive();
      REQUIRE(kept);
      for (unsigned i = 1; i < 50; ++i) {  // fills and empties every other place many times
        both.peer.send(pattern(64, i));
        auto passing = co_await both.stream.receive();
        REQUIRE(passing);
        CHECK(passing->text() == pattern(64, i));
      }
      CHECK(kept->text() == pattern(64));
      CHECK(pool().views() == 1);
    });
  }
}

TEST_CASE("a stream that waits for a buffer can be stopped, closed and dropped") {
  on_core([]() -> lull::task<> {
    lull::choose_buffers({.count = 1, .bytes = 64});
    for (int way = 0; way < 3; ++way) {
      connection greedy = co_await connected();
      greedy.peer.send(pattern(64));
      auto kept = co_await greedy.stream.receive();
      REQUIRE(kept);
      connection starved = co_await connected();
      starved.peer.send("x");
      lull::scope reading;
      std::error_code error;
      reading.spawn([&]() -> lull::task<> {
        auto got = co_await starved.stream.receive();
        error = got.error();
      });
      while (!pool().starving() && !pool().dry()) co_await lull::yield();
      if (way == 0) reading.request_stop();
      if (way == 1) co_await starved.stream.close();
      if (way == 2) {
        const lull::tcp_stream dropped = std::move(starved.stream);
      }
      co_await reading.join();
      CHECK((!error || error == std::errc::operation_canceled));
    }
  });
}

TEST_CASE("received bytes move, and are given back once") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("abc");
    auto got = co_await both.stream.receive();
    REQUIRE(got);
    lull::received first = std::move(*got);
    CHECK(first.text() == "abc");
    CHECK(first.size() == 3);
    CHECK(got->empty());
    lull::received second;
    second = std::move(first);
    CHECK(first.empty());
    CHECK(second.bytes().data() == second.data());
    CHECK(pool().views() == 1);
    second = lull::received();
    CHECK(second.empty());
    CHECK(pool().views() == 0);
  });
}
