// SPDX-License-Identifier: MIT
#include <lull/io/splice.hpp>

#include <array>
#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/open.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../ring/idle_workers.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;

namespace {

using moved = std::optional<lull::result<std::size_t>>;

lull::task<std::string> read_some_text(lull::pipe_reader& from) {
  std::string text(4096, ' ');
  auto reading = from.read(std::as_writable_bytes(std::span(text)));
  const auto got = co_await reading;
  REQUIRE(got);
  text.resize(*got);
  co_return text;
}

lull::task<> splice_into(lull::pipe_reader& from, lull::pipe_writer& to, moved& into) {
  auto got = co_await lull::splice(from, to, 100);
  into.emplace(std::move(got));
}

struct two_pipes {
  lull::pipe_ends from = lull::pipe().value();
  lull::pipe_ends to = lull::pipe().value();
};

}  // namespace

TEST_CASE("bytes go from a file through pipes into a file") {
  const io_test::temporary_folder folder;
  folder.put("a", "0123456789");
  on_core([&]() -> lull::task<> {
    auto from = co_await lull::fs::open(folder.path("a"));
    auto to = co_await lull::fs::open(folder.path("b"), O_WRONLY | O_CREAT);
    two_pipes pipes;
    auto got = co_await lull::splice(*from, 2, pipes.from.writer, 5);
    CHECK(*got == 5);
    got = co_await lull::splice(pipes.from.reader, pipes.to.writer, 100);
    CHECK(*got == 5);
    got = co_await lull::splice(pipes.to.reader, *to, 1, 3);
    CHECK(*got == 3);
    // The end of a file, and that of a pipe whose writers have gone.
    got = co_await lull::splice(*from, 10, pipes.from.writer, 5);
    CHECK(*got == 0);
    const auto closed = co_await pipes.from.writer.close();
    CHECK(closed);
    got = co_await lull::splice(pipes.from.reader, pipes.to.writer, 5);
    CHECK(*got == 0);
  });
  CHECK(folder.get("b") == std::string(1, '\0') + "234");
}

TEST_CASE("a splice that cannot be says with what and why") {
  const io_test::temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto append = co_await lull::fs::open(folder.path("a"), O_WRONLY | O_CREAT | O_APPEND);
    two_pipes pipes;
    const auto written = co_await pipes.from.writer.write("abc");
    CHECK(written);
    auto got = co_await lull::splice(pipes.from.reader, *append, 0, 3);
    CHECK(got.error() == std::errc::invalid_argument);
    CHECK_THAT(got.message(), ContainsSubstring("splice " + folder.path("a") + ": "));
    auto closed = co_await pipes.to.reader.close();
    CHECK(closed);
    got = co_await lull::splice(pipes.from.reader, pipes.to.writer, 3);
    CHECK(got.error() == std::errc::broken_pipe);
    CHECK_THAT(got.message(), ContainsSubstring("splice pipe: "));
    closed = co_await pipes.from.reader.close();
    CHECK(closed);
    got = co_await lull::splice(pipes.from.reader, pipes.to.writer, 3);
    CHECK(got.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("a splice that waits ends by a stop, its time, and when either end is closed") {
  on_core([]() -> lull::task<> {
    moved got;
    for (int i = 0; i < 4; ++i) {
      two_pipes pipes;
      lull::scope scope;
      if (i == 0) scope.request_stop();
      scope.spawn(splice_into, std::ref(pipes.from.reader), std::ref(pipes.to.writer),
                  std::ref(got));
      co_await lull::sleep(std::chrono::milliseconds(1));
      if (i < 2) scope.request_stop();
      if (i == 2) {
        const auto closed = co_await pipes.from.reader.close();
        CHECK(closed);
      }
      if (i == 3) {
        const auto closed = co_await pipes.to.writer.close();
        CHECK(closed);
      }
      co_await scope.join();
      CHECK(got->error() == std::errc::operation_canceled);
    }
    two_pipes pipes;
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1),
                                             lull::splice(pipes.from.reader, pipes.to.writer, 1));
    CHECK(late.timed_out());
  });
}

TEST_CASE("closing the target of a splice that no thread had begun waited for it for ever") {
  test::idle_workers kernel;
  on_core(
      {},
      [&kernel]() -> lull::task<> {
        two_pipes pipes;
        moved got;
        lull::scope scope;
        scope.spawn(splice_into, std::ref(pipes.from.reader), std::ref(pipes.to.writer),
                    std::ref(got));
        co_await lull::sleep(std::chrono::microseconds(1));
        kernel.idle = true;
        const auto closed = co_await pipes.to.writer.close();
        CHECK(closed);
        kernel.idle = false;  // others are found
        co_await scope.join();
        CHECK(got->error() == std::errc::operation_canceled);
      },
      kernel);
  CHECK(kernel.looked_for == 1);
}

TEST_CASE("a splice failed because its thread was interrupted for no reason") {
  test::idle_workers kernel(3);
  on_core(
      {},
      []() -> lull::task<> {
        two_pipes pipes;
        const auto written = co_await pipes.from.writer.write("abc");
        CHECK(written);
        auto got = co_await lull::splice(pipes.from.reader, pipes.to.writer, 100);
        REQUIRE(got);
        CHECK(*got == 3);
      },
      kernel);
  CHECK(kernel.gave_up == 3);
}

TEST_CASE("bytes of a splice that races with a stop are moved or stay") {
  on_core([]() -> lull::task<> {
    two_pipes pipes;
    std::size_t moved_bytes = 0;
    for (int i = 0; i < 60; ++i) {
      moved got;
      lull::scope scope;
      scope.spawn(splice_into, std::ref(pipes.from.reader), std::ref(pipes.to.writer),
                  std::ref(got));
      for (int turn = 0; turn < i % 3; ++turn) co_await lull::sleep(lull::nanoseconds(1));
      const auto written = co_await pipes.from.writer.write("a");
      CHECK(*written == 1);
      if (i % 2 == 0) co_await lull::sleep(std::chrono::microseconds(20 * i));
      scope.request_stop();
      co_await scope.join();
      if (*got) moved_bytes += **got;
    }
    std::string rest;
    auto closed = co_await pipes.from.writer.close();
    CHECK(closed);
    if (moved_bytes < 60) rest = co_await read_some_text(pipes.from.reader);
    CHECK(rest.size() + moved_bytes == 60);
    closed = co_await pipes.to.writer.close();
    CHECK(closed);
    std::size_t arrived = 0;
    for (std::string text = "."; !text.empty();) {
      text = co_await read_some_text(pipes.to.reader);
      arrived += text.size();
    }
    CHECK(arrived == moved_bytes);
  });
}

TEST_CASE("the greatest offset was spliced to the file's own position, over its beginning") {
  const io_test::temporary_folder folder;
  folder.put("a", "as it was");
  on_core([&]() -> lull::task<> {
    auto file = co_await lull::fs::open(folder.path("a"), O_RDWR);
    REQUIRE(file);
    two_pipes pipes;
    const auto filled = co_await pipes.from.writer.write_all("evil");
    REQUIRE(filled);
    for (const std::uint64_t offset : {~std::uint64_t{0}, ~std::uint64_t{0} - 1}) {
      const auto wrote = co_await lull::splice(pipes.from.reader, *file, offset, 4);
      CHECK(wrote.error() == std::errc::invalid_argument);
      const auto read = co_await lull::splice(*file, offset, pipes.to.writer, 4);
      CHECK(read.error() == std::errc::invalid_argument);
    }
  });
  CHECK(folder.get("a") == "as it was");
}
