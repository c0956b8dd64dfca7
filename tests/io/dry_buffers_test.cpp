// SPDX-License-Identifier: MIT
// Buffers that nobody gives back: what is kept or not read by some delays no others.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "connected.hpp"
#include "stream_buffers.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;
using io_test::read_text;
using io_test::stream_buffers;

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
      if (!stream_buffers().multishot()) co_return;
      first->reset();
      // A byte in each buffer.
      for (std::size_t i = 1; stream_buffers().with_kernel() != 0; ++i) {
        REQUIRE(i < 20);
        unread.peer.send("x");
        while (stream_buffers().views() < i) co_await lull::yield();
        if (stream_buffers().incremental()) co_await exchange();  // fills the rest
      }
      co_await exchange();  // waits, until it is plain that no buffer comes back
      CHECK(stream_buffers().dry());
      const std::uint64_t waited = lull::io_here().starved_receives;
      for (int i = 0; i < 20; ++i) co_await exchange();
      CHECK(lull::io_here().starved_receives == waited);

      while (stream_buffers().views() != 0) {
        auto got = co_await unread.stream.receive();
        CHECK(got->text().find_first_not_of('x') == std::string_view::npos);
      }
      CHECK(!stream_buffers().dry());
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
    connection exact = co_await connected();  // fills one, and no more has come
    exact.peer.send(pattern(lull::limits::spare_bytes));
    auto fifth = co_await exact.stream.receive();
    CHECK(fifth->size() == lull::limits::spare_bytes);
    exact.peer.send(pattern(3 * lull::limits::spare_bytes));
    auto sixth = co_await exact.stream.receive();
    CHECK(sixth->size() == lull::limits::spare_bytes);
  });
}

TEST_CASE("buffers that came back and are in use again are waited for all the same") {
  lull::manual_clock clock;
  on_core(io_test::with(clock), [&clock]() -> lull::task<> {
    lull::choose_buffers({.count = 1, .bytes = 64});
    connection greedy = co_await connected();
    greedy.peer.send(pattern(64));
    auto kept = co_await greedy.stream.receive();
    REQUIRE(kept);
    if (!stream_buffers().multishot()) co_return;
    std::vector<connection> others;
    for (int i = 0; i < 12; ++i) {
      others.push_back(co_await connected());
      others.back().peer.send(pattern(64));
    }
    std::vector<lull::received> held;
    lull::scope reading;
    for (connection& one : others) {
      reading.spawn([&held, &one]() -> lull::task<> {
        auto got = co_await one.stream.receive();
        held.push_back(std::move(*got));
      });
    }
    while (!stream_buffers().starving()) co_await lull::yield();
    kept->reset();
    while (held.empty()) co_await lull::yield();
    for (int i = 0; i < 20; ++i) {
      co_await io_test::pass(clock, lull::nanoseconds(lull::limits::starved_for) / 40);
      CHECK(!stream_buffers().dry());
    }
    CHECK(held.size() == 1);
    while (reading.size() != 0) {
      co_await io_test::pass(clock, lull::limits::starved_for);
    }
    CHECK(stream_buffers().dry());
    for (const lull::received& one : held) CHECK(one.text() == pattern(64));
  });
}
