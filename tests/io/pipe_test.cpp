// SPDX-License-Identifier: MIT
#include <lull/io/pipe.hpp>

#include <signal.h>
#include <sys/resource.h>

#include <array>
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "connected.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;

namespace {

lull::task<> read_into(lull::pipe_reader& from, std::optional<lull::result<std::size_t>>& into) {
  std::array<std::byte, 16> room;
  auto got = co_await from.read(room);
  into.emplace(std::move(got));
}

lull::task<> write_to(lull::pipe_writer& to, const std::string& text, lull::result<void>& into) {
  into = co_await to.write_all(text);
}

}  // namespace

TEST_CASE("what is written into a pipe is read from it, in order, until its end") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    REQUIRE(made);
    auto [reader, writer] = std::move(*made);
    const std::string text = pattern(300'000);  // more than a pipe holds
    lull::result<void> written = lull::failure(EDOM, "write");
    lull::scope scope;
    scope.spawn(write_to, std::ref(writer), std::cref(text), std::ref(written));
    std::string back(text.size(), ' ');
    const auto read = co_await reader.read_exactly(std::as_writable_bytes(std::span(back)));
    CHECK(read);
    CHECK(back == text);
    co_await scope.join();
    CHECK(written);
    const auto part = co_await writer.write("abc");
    CHECK(*part == 3);
    const auto closed = co_await writer.close();
    CHECK(closed);
    CHECK(!writer.is_open());
    std::array<std::byte, 16> into;
    auto got = co_await reader.read(into);
    CHECK(*got == 3);
    got = co_await reader.read(into);
    CHECK(*got == 0);
    const auto more = co_await reader.read_exactly(into);
    CHECK(more.error() == std::errc::no_message_available);
    CHECK_THAT(more.message(), ContainsSubstring("read_exactly pipe: ") &&
                                   ContainsSubstring("its writers ended it"));
  });
}

TEST_CASE("a pipe that nobody reads fails, and ends the program by no signal") {
  for (const bool blocked_before : {false, true}) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    if (blocked_before) ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    on_core([]() -> lull::task<> {
      auto made = lull::pipe();
      const auto closed = co_await made->reader.close();
      CHECK(closed);
      const auto written = co_await made->writer.write_all("abc");
      CHECK(written.error() == std::errc::broken_pipe);
      CHECK_THAT(written.message(), ContainsSubstring("write_all pipe: ") &&
                                        ContainsSubstring("nobody reads from it any more"));
    });
    sigset_t now;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
    CHECK(sigismember(&now, SIGPIPE) == (blocked_before ? 1 : 0));
    const timespec at_once{};
    const int signal = ::sigtimedwait(&set, nullptr, &at_once);
    // No signal reaches the threads.
    CHECK(signal == (blocked_before && !io_test::pipes_take_threads() ? SIGPIPE : -1));
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
}

TEST_CASE("a read of a pipe is stopped before it began and while it waits, timed out and closed") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    auto& reader = made->reader;
    std::optional<lull::result<std::size_t>> got;
    for (const bool before : {true, false}) {
      lull::scope scope;
      if (before) scope.request_stop();
      scope.spawn(read_into, std::ref(reader), std::ref(got));
      co_await lull::sleep(std::chrono::milliseconds(1));
      scope.request_stop();
      co_await scope.join();
      CHECK(got->error() == std::errc::operation_canceled);
    }
    std::array<std::byte, 4> into;
    const auto late = co_await lull::timeout(std::chrono::milliseconds(1), reader.read(into));
    CHECK(late.timed_out());
    lull::scope scope;
    scope.spawn(read_into, std::ref(reader), std::ref(got));
    co_await lull::sleep(std::chrono::milliseconds(1));
    const auto closed = co_await reader.close();
    CHECK(closed);
    co_await scope.join();
    CHECK(got->error() == std::errc::operation_canceled);
    const auto again = co_await reader.read(into);
    CHECK(again.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(again.message(), ContainsSubstring("do not use it after close()"));
  });
}

TEST_CASE("closing both of a pipe's ends in use ends what was awaited of them") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    std::optional<lull::result<std::size_t>> got;
    lull::result<void> written;
    auto full = lull::pipe();
    const std::string text = pattern(1'000'000);
    lull::scope scope;
    scope.spawn(read_into, std::ref(made->reader), std::ref(got));
    scope.spawn(write_to, std::ref(full->writer), std::cref(text), std::ref(written));
    co_await lull::sleep(std::chrono::milliseconds(1));
    const auto closed = co_await made->reader.close();
    CHECK(closed);
    const auto other = co_await full->writer.close();
    CHECK(other);
    co_await scope.join();
    CHECK(got->error() == std::errc::operation_canceled);
    CHECK(written.error() == std::errc::operation_canceled);
  });
}

TEST_CASE("a write into a full pipe is stopped, and what was read before is in order") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    const std::string text = pattern(1'000'000);
    lull::result<void> written;
    lull::scope scope;
    scope.spawn(write_to, std::ref(made->writer), std::cref(text), std::ref(written));
    std::string back(100'000, ' ');
    const auto read = co_await made->reader.read_exactly(std::as_writable_bytes(std::span(back)));
    CHECK(read);
    co_await lull::sleep(std::chrono::milliseconds(1));
    scope.request_stop();
    co_await scope.join();
    CHECK(written.error() == std::errc::operation_canceled);
    CHECK(text.starts_with(back));
  });
}

TEST_CASE("bytes of a pipe that race with a stop are read or stay") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    std::size_t in_all = 0;
    int stopped = 0;
    for (int i = 0; i < 60; ++i) {
      std::optional<lull::result<std::size_t>> got;
      lull::scope scope;
      scope.spawn(read_into, std::ref(made->reader), std::ref(got));
      for (int turn = 0; turn < i % 3; ++turn) co_await lull::sleep(lull::nanoseconds(1));
      const auto written = co_await made->writer.write("a");
      CHECK(*written == 1);
      if (i % 2 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      if (*got)
        in_all += **got;
      else
        ++stopped;
    }
    const auto closed = co_await made->writer.close();
    CHECK(closed);
    for (std::size_t left = 1; left != 0;) {
      std::array<std::byte, 64> into;
      const auto got = co_await made->reader.read(into);
      left = *got;
      in_all += left;
    }
    CHECK(in_all == 60);
    CHECK(stopped < 60);
  });
}

TEST_CASE("a pipe moves, is dropped open, and is closed on exec") {
  on_core([]() -> lull::task<> {
    auto made = lull::pipe();
    for (const int end : {made->reader.descriptor(), made->writer.descriptor()}) {
      CHECK((::fcntl(end, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(lull::io_here().files == 2);
    lull::pipe_reader taken = std::move(made->reader);
    CHECK(!made->reader.is_open());
    CHECK(taken.is_open());
    taken = lull::pipe_reader();
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(lull::io_here().files == 1);
  });
}

TEST_CASE("without a descriptor there is no pipe, and the failure says so") {
  on_core([]() -> lull::task<> {
    rlimit before;
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{0, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    const auto made = lull::pipe();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(made.error() == std::errc::too_many_files_open);
    CHECK_THAT(made.message(), ContainsSubstring("make pipe: ") && ContainsSubstring("ulimit -n"));
    co_return;
  });
}
