// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <lull/io/buffers.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "../allocations.hpp"
#include "connected.hpp"
#include "stream_buffers.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;
using io_test::read_text;
using io_test::stream_buffers;

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
      CHECK(stream_buffers().views() == 0);
      if (stream_buffers().multishot()) CHECK(stream_buffers().with_kernel() == 4);
    });
  }
}

TEST_CASE("a buffer that came with no bytes is nobody's") {
  on_core([]() -> lull::task<> {
    lull::detail::buffer_pool& pool = stream_buffers();
    if (!pool.multishot()) co_return;
    const unsigned with_kernel = pool.with_kernel();
    constexpr std::uint32_t fourth_buffer_more_follows = 1 | 2 | 16 | 3U << 16;
    CHECK(pool.take({0, fourth_buffer_more_follows}) == nullptr);
    CHECK(pool.views() == 0);
    CHECK(pool.with_kernel() == with_kernel);
  });
}

TEST_CASE("a receive without memory says so or throws, and leaves nothing behind") {
  test::need_allocations();
  bool fails = true;
  std::size_t thrown = 0;
  std::size_t refused = 0;
  for (std::size_t passes = 0; fails; ++passes) {
    REQUIRE(passes < 100);
    on_core([&]() -> lull::task<> {
      connection both = co_await connected();
      both.peer.send("abc");
      std::string text;
      {
        const test::failing_allocations one(passes, test::failing::once);
        try {
          auto got = co_await both.stream.receive();
          if (got) text = got->text();
          if (!got && got.error() == std::errc::not_enough_memory) ++refused;
          CHECK((got || got.error() == std::errc::not_enough_memory));
        } catch (const std::bad_alloc&) {
          ++thrown;
          text = "thrown";
        }
        fails = one.met();
      }
      if (text == "thrown") {
        auto again = co_await both.stream.receive();
        CHECK(again);
        if (again) text = again->text();
      }
      if (!text.empty()) CHECK(text == "abc");
      CHECK(stream_buffers().views() == 0);
    });
  }
  CHECK(thrown > 0);
  CHECK(refused > 0);
}

TEST_CASE("buffers are incremental where the kernel can, and many small ones otherwise") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto got = co_await both.stream.receive();
    CHECK(got);
    const bool can = lull::detected_capabilities().incremental_buffers;
    CHECK(stream_buffers().incremental() == can);
    CHECK(stream_buffers().with_kernel() ==
          (can ? lull::limits::incremental_buffers : lull::limits::classic_buffers - 1));
  });
  on_core(io_test::without(&lull::capabilities::incremental_buffers), []() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("a");
    auto got = co_await both.stream.receive();
    CHECK(got);
    CHECK(!stream_buffers().incremental());
    CHECK(stream_buffers().with_kernel() == lull::limits::classic_buffers - 1);
    got->reset();
    CHECK(stream_buffers().with_kernel() == lull::limits::classic_buffers);
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
      CHECK(stream_buffers().views() == 0);
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
      CHECK(stream_buffers().with_kernel() == 0);
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
      CHECK(stream_buffers().with_kernel() == 2);
      other.peer.send("from a buffer again");
      auto got = co_await other.stream.receive();
      REQUIRE(got);
      CHECK(got->text() == "from a buffer again");
      CHECK(stream_buffers().views() == 1);
    });
  }
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
      CHECK(stream_buffers().views() == 1);
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
      // Once at least: where a millisecond has passed meanwhile, the pool is dry before it reads.
      do {
        co_await lull::yield();
      } while (!stream_buffers().starving() && !stream_buffers().dry());
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
    CHECK(stream_buffers().views() == 1);
    second = lull::received();
    CHECK(second.empty());
    CHECK(stream_buffers().views() == 0);
  });
}
