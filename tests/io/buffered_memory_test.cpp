// SPDX-License-Identifier: MIT
// The memory of buffered_reader and buffered_writer: how much, when, and what happens without.
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/buffered_writer.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "connected.hpp"
#include "scripted_stream.hpp"
#include "unix_pair.hpp"

using io_test::in_pieces;
using io_test::on_core;
using io_test::scripted_stream;

TEST_CASE("a reader that waits holds no block, and with nothing begun no memory") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    const std::string part(4000, 'a');  // more than comes from the pool
    std::size_t before = 0, after = 0;
    scripted_stream stream({part, "\n", part, "\n"});
    lull::buffered_reader from(stream, 10'000);
    for (int i = 0; i < 2; ++i) {
      before = test::allocated_bytes();
      const auto line = co_await from.read_line();
      after = test::allocated_bytes();
      CHECK(line->size() == 4000);
      CHECK(after - before >= 2 * 4000);  // that of the block, and that of its own
    }
    CHECK(from.buffered() == 0);
    CHECK(stream.held_while_asked == 0);
  });
}

TEST_CASE("memory that fails anywhere in a read loses nothing") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    const std::string text = io_test::pattern(9000);
    int failures = 0;
    for (std::size_t passes = 0;; ++passes) {
      scripted_stream stream(in_pieces(text + "\nnext\n", 3000));
      lull::buffered_reader from(stream, 10'000);
      bool met = false, done = false;
      while (!done) {
        try {
          const test::failing_allocations none(met ? 1000 : passes, test::failing::once);
          auto reading = from.read_line();
          const auto line = co_await std::move(reading);
          done = true;
          met = met || none.met();
          REQUIRE(line);
          REQUIRE((line->text() == text));
        } catch (const std::bad_alloc&) {
          met = true;
          ++failures;
        }
      }
      if (!met) break;
      REQUIRE(passes < 200);
    }
    CHECK(failures > 5);
  });
}

TEST_CASE("memory that fails in a write has taken nothing of it") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    const std::string text = io_test::pattern(10'000);
    for (std::size_t passes = 0;; ++passes) {
      scripted_stream stream;
      lull::buffered_writer to(stream, 10'000);
      bool met = false, done = false;
      while (!done) {
        try {
          const test::failing_allocations none(met ? 1000 : passes, test::failing::once);
          const auto written = co_await to.write(text);
          done = true;
          met = met || none.met();
          CHECK(written);
        } catch (const std::bad_alloc&) {
          met = true;
          CHECK(to.unsent() == 0);
        }
      }
      const auto flushed = co_await to.flush();
      CHECK(flushed);
      CHECK((stream.sends == std::vector<std::string>{text}));
      if (!met) break;
      REQUIRE(passes < 100);
    }
  });
}

TEST_CASE("memory that fails while a write waits for room is the failure of that write") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.keeps = false;
    stream.may_send.reset();
    lull::buffered_writer to(stream, 10'000);
    (void)co_await to.write(std::string(10'000, 'x'));
    co_await lull::sleep(std::chrono::milliseconds(1));
    lull::scope tasks;
    std::error_code error;
    tasks.spawn([&]() -> lull::task<> {
      const std::string text(8'000, 'y');
      const auto written = co_await to.write(text);
      error = written.error();
    });
    co_await lull::yield();
    stream.may_send.set();
    {
      const test::denied_allocations none(8'000);
      co_await tasks.join();
    }
    CHECK(error == std::errc::not_enough_memory);
    const auto flushed = co_await to.flush();
    CHECK(flushed);
  });
}

TEST_CASE("a line over buffers is answered without an allocation, in the long run") {
  test::need_allocations();
  if (!lull::detail::frame_pool::pools) SKIP("frames come from the heap here");
  on_core([]() -> lull::task<> {
    io_test::unix_pair both = co_await io_test::unix_connected();
    lull::buffered_reader from(both.far);
    lull::buffered_writer to(both.far);
    lull::buffered_reader back(both.near);  // pieces end where the core's buffers do
    bool good = true;
    std::size_t before = 0;
    for (int i = 0; i < 2000 && good; ++i) {
      if (i == 1000) before = test::allocations();
      const auto asked = co_await both.near.send_all("a request\nand a par");
      const auto line = co_await from.read_line();
      good = asked && line && line->text() == "a request";
      const auto rest = co_await from.read_exactly(9);
      good = good && rest && rest->text() == "and a par";
      const auto head = co_await to.write("an ");
      const auto body = co_await to.write("answer\n");
      const auto got = co_await back.read_line();
      good = good && head && body && got && got->text() == "an answer";
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    CHECK(before > 0);
    CHECK(after - before == 0);
  });
}
