// SPDX-License-Identifier: MIT
// Files are read into registered buffers and written from them, whether the ring knows the memory
// or not. on_core looks that no descriptor is left behind.
#include <lull/io/registered_transfer.hpp>

#include <sys/stat.h>

#include <cstring>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/io_core.hpp>
#include <lull/io/open.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../allocations.hpp"
#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"
#include "text_of.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
using io_test::text_of;
namespace fs = lull::fs;

namespace {

void put_text(const lull::registered_buffer& into, std::string_view text) {
  std::memcpy(into.data(), text.data(), text.size());
}

// With memory that the ring knows, with memory that it does not, and where it takes nothing else.
std::vector<lull::core_options> kinds_of_rings() {
  lull::core_options restricted;
  restricted.ring.restricted = true;
  return {{}, io_test::without(&lull::capabilities::registered_buffers), restricted};
}

lull::task<> read_registered_some(lull::file& from, lull::registered_bytes into,
                                  lull::result<std::size_t>& got) {
  got = co_await from.read(into, 0);
}

lull::task<> write_registered_all(lull::file& to, lull::registered_buffers& buffers,
                                  std::string_view text, std::size_t at, std::error_code& error) {
  const auto buffer = co_await buffers.acquire();
  put_text(buffer, text);
  const auto written = co_await to.write_all(buffer.first(text.size()), at);
  error = written.error();
}

}  // namespace

TEST_CASE("what is written from a registered buffer is read back into another") {
  for (const lull::core_options& options : kinds_of_rings()) {
    const temporary_folder folder;
    on_core(options, [&]() -> lull::task<> {
      auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
      REQUIRE(file);
      lull::registered_buffers buffers(2, 4096);
      const auto from = co_await buffers.acquire();
      const auto into = co_await buffers.acquire();
      put_text(from, "hello, world");
      const auto written = co_await file->write(from.first(12), 4);
      REQUIRE(written);
      CHECK(*written == 12);
      const auto all_written = co_await file->write_all(from.subspan(7, 5), 16);
      CHECK(all_written);
      const auto got = co_await file->read(into, 4);
      REQUIRE(got);
      CHECK(text_of(into.bytes().first(*got)) == "hello, worldworld");
      const auto whole = co_await file->read_exactly(into.subspan(1000, 5), 11);
      CHECK(whole);
      CHECK(text_of(into.bytes().subspan(1000, 5)) == "world");
      const auto end = co_await file->read(into, 21);
      CHECK(*end == 0);
      const auto past = co_await file->read_exactly(into.first(5), 18);
      CHECK(past.error() == std::errc::no_message_available);
      CHECK_THAT(past.message(), ContainsSubstring("read_exactly " + folder.path("a")));
      const auto nothing = co_await file->read_exactly(into.first(0), 4);
      CHECK(nothing);
      const std::uint64_t moved = lull::io_here().registered_transfers;
      // The last read of read_exactly that fails is made of two.
      CHECK(moved == (buffers.registration() ? 8 : 0));
      const bool refused = !options.ring.allowed.registered_buffers;
      if (refused) CHECK(lull::io_here().registration_refusals == 1);
    });
    CHECK(folder.get("a") == std::string(4, '\0') + "hello, worldworld");
  }
}

TEST_CASE("registered buffers serve a file that bypasses the page cache") {
  for (const lull::core_options& options : kinds_of_rings()) {
    const temporary_folder folder;
    on_core(options, [&]() -> lull::task<> {
      auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT | O_DIRECT);
      if (file.error() == std::errc::invalid_argument) SKIP("this file system has no O_DIRECT");
      REQUIRE(file);
      lull::registered_buffers buffers(2, 8192);
      const auto from = co_await buffers.acquire();
      const auto into = co_await buffers.acquire();
      std::memset(from.data(), 'x', from.size());
      const auto written = co_await file->write_all(from, 4096);
      REQUIRE(written);
      const auto got = co_await file->read_exactly(into, 4096);
      REQUIRE(got);
      CHECK(std::memcmp(from.data(), into.data(), from.size()) == 0);
      const auto head = co_await file->read(into.first(4096), 0);
      CHECK(*head == 4096);
      CHECK(into.data()[4095] == std::byte{0});
      CHECK(into.data()[4096] == std::byte{'x'});
    });
  }
}

TEST_CASE("what cannot be read or written in a registered buffer says so") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    lull::registered_buffers buffers(1, 4096);
    const auto buffer = co_await buffers.acquire();
    auto reading = co_await fs::open(folder.path("a"));
    REQUIRE(reading);
    const auto refused = co_await reading->write(buffer, 0);
    CHECK(refused.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(refused.message(), ContainsSubstring("write " + folder.path("a")));
    const auto refused_all = co_await reading->write_all(buffer, 0);
    CHECK_THAT(refused_all.message(), ContainsSubstring("write_all " + folder.path("a")));
    const auto nowhere = co_await reading->read(buffer, ~std::uint64_t{0});
    CHECK(nowhere.error() == std::errc::invalid_argument);
    (void)co_await reading->close();
    const auto closed = co_await reading->read(buffer, 0);
    CHECK(closed.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("bytes that a short transfer in a registered buffer leaves follow") {
  for (const lull::core_options& options : kinds_of_rings()) {
    const temporary_folder folder;
    const std::string text = io_test::pattern(300);
    test::short_kernel kernel(7);
    on_core(
        options,
        [&]() -> lull::task<> {
          auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
          REQUIRE(file);
          lull::registered_buffers buffers(1, 4096);
          const auto buffer = co_await buffers.acquire();
          put_text(buffer, text);
          const auto wrote = co_await file->write_all(buffer.first(text.size()), 10);
          CHECK(wrote);
          const auto read = co_await file->read_exactly(buffer.subspan(1000, text.size()), 10);
          CHECK(read);
          CHECK(text_of(buffer.bytes().subspan(1000, text.size())) == text);
        },
        kernel);
    CHECK(folder.get("a") == std::string(10, '\0') + text);
    CHECK(kernel.shortened() > 0);
  }
}

TEST_CASE("a read into a registered buffer ends by a stop, by its time, and by close") {
  for (const lull::core_options& options : kinds_of_rings()) {
    const temporary_folder folder;
    const std::string path = folder.path("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    on_core(options, [&]() -> lull::task<> {
      auto file = co_await fs::open(path, O_RDWR);
      REQUIRE(file);
      lull::registered_buffers buffers(1, 4096);
      auto buffer = co_await buffers.acquire();
      lull::result<std::size_t> got = std::size_t{0};
      {
        lull::scope before;  // it never begins
        before.request_stop();
        before.spawn(read_registered_some, std::ref(*file), buffer.first(16), std::ref(got));
        co_await before.join();
        CHECK(got.error() == std::errc::operation_canceled);
      }
      got = std::size_t{0};
      {
        lull::scope scope;
        scope.spawn(read_registered_some, std::ref(*file), buffer.first(16), std::ref(got));
        co_await lull::sleep(std::chrono::milliseconds(5));
        CHECK(scope.size() == 1);
        scope.request_stop();
        co_await scope.join();
        CHECK(got.error() == std::errc::operation_canceled);
      }
      const auto timed = co_await lull::timeout(std::chrono::milliseconds(5),
                                                file->read_exactly(buffer.first(4), 0));
      CHECK(timed.timed_out());
      got = std::size_t{0};
      lull::scope scope;
      scope.spawn(read_registered_some, std::ref(*file), buffer.first(16), std::ref(got));
      co_await lull::sleep(std::chrono::milliseconds(5));
      (void)co_await file->close();
      co_await scope.join();
      CHECK(got.error() == std::errc::operation_canceled);
      buffer.reset();  // nothing uses it
      CHECK(buffers.available() == 1);
    });
  }
}

TEST_CASE("what a registered read got before its time was up is delivered") {
  const temporary_folder folder;
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("pipe"), O_RDWR);
    REQUIRE(file);
    const auto written = co_await file->write("ab", 0);
    CHECK(*written == 2);
    lull::registered_buffers buffers(1, 4096);
    const auto buffer = co_await buffers.acquire();
    const auto got = co_await lull::timeout(lull::nanoseconds(1), file->read(buffer, 0));
    if (got.timed_out()) {  // the thread had not begun
      REQUIRE(io_test::pipes_take_threads());
      const auto later = co_await file->read(buffer, 0);
      CHECK(*later == 2);
    } else {
      CHECK(**got == 2);
    }
    CHECK(text_of(buffer.bytes().first(2)) == "ab");
  });
}

TEST_CASE("more transfers than the queue or the buffers have room for all end well") {
  const temporary_folder folder;
  for (const bool known : {true, false}) {
    auto options = io_test::small_ring(2, 4);
    options.ring.allowed.registered_buffers = known;
    on_core(options, [&]() -> lull::task<> {
      auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
      REQUIRE(file);
      lull::registered_buffers buffers(6, 64);
      std::vector<std::error_code> errors(20, std::make_error_code(std::errc::interrupted));
      const std::string text = "some text";
      lull::scope scope;
      for (std::size_t i = 0; i < errors.size(); ++i) {
        scope.spawn(write_registered_all, std::ref(*file), std::ref(buffers),
                    std::string_view(text), i * text.size(), std::ref(errors[i]));
      }
      co_await scope.join();
      for (const std::error_code& error : errors) CHECK(!error);
      CHECK(buffers.available() == 6);
      std::string whole;
      for (std::size_t i = 0; i < errors.size(); ++i) whole += text;
      CHECK(folder.get("a") == whole);
    });
  }
}

TEST_CASE("transfers in registered buffers allocate nothing") {
  test::need_allocations();
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    lull::registered_buffers buffers(2, 4096);
    bool good = true;
    std::size_t before = 0;
    for (int i = 0; i < 20; ++i) {
      if (i == 10) before = test::allocations();
      const auto buffer = co_await buffers.acquire();
      const auto written = co_await file->write_all(buffer, 0);
      const auto read = co_await file->read(buffer.first(100), 0);
      good = good && written && read;
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    CHECK(after - before == 0);
  });
}
