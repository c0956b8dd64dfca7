// SPDX-License-Identifier: MIT
// Files and stops: what is in flight ends and is waited for; what raced with the stop is delivered.
#include <sys/stat.h>

#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/open.hpp>
#include <lull/io/stat.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../ring/interrupting_kernel.hpp"
#include "../ring/short_kernel.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

namespace {

constexpr std::chrono::milliseconds moment{5};

// A pipe with a name: what opens or reads it waits for somebody who writes.
std::string make_pipe(const temporary_folder& in) {
  REQUIRE(::mkfifo(in.path("pipe").c_str(), 0600) == 0);
  return in.path("pipe");
}

lull::task<> try_opening(std::string path, int flags, std::error_code& error) {
  const auto file = co_await fs::open(path, flags);
  error = file.error();
}

lull::task<> try_reading(lull::file& from, std::error_code& error) {
  std::array<std::byte, 16> into;
  const auto got = co_await from.read(into, 0);
  error = got.error();
}

}  // namespace

TEST_CASE("an open that was stopped before it began opens nothing") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    lull::scope scope;
    scope.request_stop();
    std::error_code error;
    scope.spawn(try_opening, folder.path("new"), O_WRONLY | O_CREAT, std::ref(error));
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
  CHECK(!folder.has("new"));
}

TEST_CASE("an open that waits in the kernel ends when it is stopped") {
  const temporary_folder folder;
  const std::string path = make_pipe(folder);
  on_core([&]() -> lull::task<> {
    lull::scope scope;
    std::error_code error;
    // With O_CREAT a thread of the kernel opens it, and waits; without, nobody does.
    scope.spawn(try_opening, path, O_RDONLY | O_CREAT, std::ref(error));
    co_await lull::sleep(moment);
    CHECK(scope.size() == 1);
    scope.request_stop();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    const auto timed = co_await lull::timeout(moment, fs::open(path, O_RDONLY | O_CREAT));
    CHECK(timed.timed_out());
    CHECK(timed->error() == std::errc::operation_canceled);
  });
}

TEST_CASE("an open that races with its stop is delivered or undone") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    int opened = 0;
    for (int i = 0; i < 100; ++i) {
      lull::scope scope;
      std::error_code error = std::make_error_code(std::errc::interrupted);
      // One that the kernel opens at once, and one that a thread of its own does.
      const bool existing = i % 2 == 0;
      scope.spawn(try_opening, folder.path(existing ? "a" : "b" + std::to_string(i)),
                  existing ? O_RDONLY : O_RDWR | O_CREAT, std::ref(error));
      co_await lull::yield();
      if (i % 4 < 2) co_await lull::sleep(std::chrono::microseconds(i % 20));
      scope.request_stop();
      co_await scope.join();
      if (!error) ++opened;
      CHECK((!error || error == std::errc::operation_canceled));
    }
    CHECK(opened > 0);
    CHECK(opened < 100);
  });
}

namespace {

void read_in_vain(lull::kernel& through) {
  const temporary_folder folder;
  const std::string path = make_pipe(folder);
  const auto body = [&]() -> lull::task<> {
    auto file = co_await fs::open(path, O_RDWR);
    REQUIRE(file);
    std::error_code error;
    {
      lull::scope scope;
      scope.spawn(try_reading, std::ref(*file), std::ref(error));
      co_await lull::sleep(moment);
      scope.request_stop();
      co_await scope.join();
      CHECK(error == std::errc::operation_canceled);
    }
    std::array<std::byte, 4> into;
    const auto timed = co_await lull::timeout(moment, file->read_exactly(into, 0));
    CHECK(timed.timed_out());
    CHECK_THAT(timed->message(), ContainsSubstring("asked to stop"));

    lull::scope scope;
    error.clear();
    scope.spawn(try_reading, std::ref(*file), std::ref(error));
    co_await lull::sleep(moment);
    (void)co_await file->close();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  };
  on_core({}, body, through);
}

}  // namespace

TEST_CASE("a read that waits ends by a stop, by its time, and by close") {
  read_in_vain(lull::real_kernel());
}

TEST_CASE("a read that a cancel interrupts ends as one that it cancels") {
  test::interrupting_kernel kernel;
  read_in_vain(kernel);
  CHECK(kernel.interrupted == 3);
}

TEST_CASE("what a read got before its time was up is delivered") {
  const temporary_folder folder;
  const std::string path = make_pipe(folder);
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(path, O_RDWR);
    REQUIRE(file);
    const auto written = co_await file->write("ab", 0);
    CHECK(*written == 2);
    std::array<std::byte, 4> into;
    const auto got = co_await lull::timeout(lull::nanoseconds(1), file->read(into, 0));
    if (got.timed_out()) {  // the thread had not begun
      REQUIRE(io_test::pipes_take_threads());
      const auto later = co_await file->read(into, 0);
      CHECK(*later == 2);
    } else {
      CHECK(**got == 2);
    }
  });
}

TEST_CASE(
    "a read that was stopped or closed gave a part of what the file has, as if it had ended "
    "there") {
  const temporary_folder folder;
  folder.put("a", std::string(4096, 'x'));
  for (const bool by_close : {false, true}) {
    for (const unsigned most : {1000U, 5000U}) {  // there are 4096, and room for 5000
      test::short_kernel kernel(most);
      io_test::on_core(
          {},
          [&]() -> lull::task<> {
            auto file = (co_await fs::open(folder.path("a"))).value();
            std::array<std::byte, 5000> into;
            lull::scope reading;
            std::string got;
            reading.spawn([&]() -> lull::task<> {
              const auto bytes = co_await file.read(into, 0);
              got = bytes ? std::to_string(*bytes) : bytes.message();
            });
            co_await lull::yield();
            // Both go to the kernel now, which reads, and then looks.
            if (by_close) {
              (void)co_await file.close();
            } else {
              reading.request_stop();
            }
            co_await reading.join();
            const bool is_whole = got == "4096";
            if (most != 5000 || !is_whole) CHECK_THAT(got, ContainsSubstring("Operation canceled"));
          },
          kernel);
      CHECK(kernel.shortened() == (most == 5000 ? 0 : 1));
    }
  }
}

TEST_CASE("what had been read before a close was lost, where the file has more") {
  const temporary_folder folder;
  folder.put("a", std::string(4096, 'x'));
  test::short_kernel kernel(1000);
  on_core(
      {},
      [&]() -> lull::task<> {
        auto file = (co_await fs::open(folder.path("a"))).value();
        std::array<std::byte, 5000> into;
        lull::scope scope;
        std::size_t read = 0;
        scope.spawn([&]() -> lull::task<> {
          // Ahead of the reader in the turn in which that has its answer.
          while (kernel.shortened() == 0) co_await lull::yield();
          CHECK(read == 0);
          (void)co_await file.close();
        });
        scope.spawn([&]() -> lull::task<> {
          const auto bytes = co_await file.read(into, 0);
          read = bytes.value();
        });
        co_await scope.join();
        CHECK(read == 1000);
      },
      kernel);
}

TEST_CASE("closing a file ends a write in flight, or waits for it") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    const std::string text(1'000'000, 'x');
    std::error_code error = std::make_error_code(std::errc::interrupted);
    const auto write = [](lull::file& to, const std::string& what,
                          std::error_code& into) -> lull::task<> {
      const auto written = co_await to.write_all(what, 0);
      into = written.error();
    };
    lull::scope scope;
    scope.spawn(write, std::ref(*file), std::cref(text), std::ref(error));
    co_await lull::yield();
    const auto closed = co_await file->close();
    CHECK(closed);
    co_await scope.join();
    CHECK((!error || error == std::errc::operation_canceled));
  });
}
