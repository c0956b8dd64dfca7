// SPDX-License-Identifier: MIT
// Writes that end when their bytes are on the device, in one submission.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/io_core.hpp>
#include <lull/io/open.hpp>
#include <lull/sched/scope.hpp>

#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

namespace {

// Notes the flags of each write, and takes at most so many bytes of one.
class noting_flags : public test::watching_kernel {
 public:
  explicit noting_flags(unsigned most) : most_(most) {}

  std::vector<int> flags;

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode != IORING_OP_WRITE && entry.opcode != IORING_OP_WRITE_FIXED) return;
    flags.push_back(entry.rw_flags);
    if (entry.len > most_) entry.len = most_;
  }

  unsigned most_;
};

lull::task<> write_durable_text(lull::file& to, std::string text, std::error_code& error) {
  const auto written = co_await to.write_durably(text, 0);
  error = written.error();
}

}  // namespace

TEST_CASE("what is written durably is synced by the kernel, each part with its write") {
  for (const unsigned way : {0U, 1U, 2U, 3U}) {
    const temporary_folder folder;
    const unsigned most = way % 2 == 0 ? 1'000'000 : 4;
    noting_flags kernel(most);
    on_core(
        way < 2 ? lull::core_options() : io_test::without(&lull::capabilities::registered_buffers),
        [&]() -> lull::task<> {
          auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
          REQUIRE(file);
          const auto operations = lull::io_here().file_operations;
          const auto written = co_await file->write_durably("1234567", 3);
          CHECK(written);
          CHECK(kernel.flags == std::vector<int>(most == 4 ? 2 : 1, RWF_DSYNC));
          kernel.flags.clear();
          const auto appended = co_await file->append_durably("the end");
          CHECK(appended);
          CHECK(kernel.flags == std::vector<int>(most == 4 ? 2 : 1, RWF_DSYNC | RWF_APPEND));
          kernel.flags.clear();
          lull::registered_buffers buffers(1, 4096);
          const auto buffer = co_await buffers.acquire();
          buffer.data()[0] = buffer.data()[4] = std::byte{'x'};
          const auto known = co_await file->write_durably(buffer.first(5), 0);
          CHECK(known);
          CHECK(kernel.flags == std::vector<int>(most == 4 ? 2 : 1, RWF_DSYNC));
          CHECK(lull::io_here().file_operations - operations == 3);
          const auto plain = co_await file->write_all("y", 1);
          CHECK(plain);
          CHECK(kernel.flags.back() == 0);
        },
        kernel);
    CHECK(folder.get("a") == std::string("xy\0\0x34567the end", 17));
  }
}

TEST_CASE("a durable write that fails says so with its path") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    const auto written = co_await file->write_durably("x", 0);
    CHECK(written.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(written.message(), ContainsSubstring("write_durably " + folder.path("a")));
    const auto appended = co_await file->append_durably("x");
    CHECK_THAT(appended.message(), ContainsSubstring("append_durably " + folder.path("a")));
    (void)co_await file->close();
    const auto closed = co_await file->write_durably("x", 0);
    CHECK(closed.error() == std::errc::bad_file_descriptor);
  });
  CHECK(folder.get("a") == "text");
}

TEST_CASE("a durable write to what is full says so") {
  on_core([]() -> lull::task<> {
    auto full = co_await fs::open("/dev/full", O_WRONLY);
    REQUIRE(full);
    const auto written = co_await full->write_durably("x", 0);
    CHECK(written.error() == std::errc::no_space_on_device);
    const auto appended = co_await full->append_durably("x");
    CHECK(appended.error() == std::errc::no_space_on_device);
    lull::registered_buffers buffers(1, 4096);
    const auto buffer = co_await buffers.acquire();
    const auto known = co_await full->write_durably(buffer, 0);
    CHECK(known.error() == std::errc::no_space_on_device);
    const auto whole = co_await full->write_all(buffer, 0);
    CHECK(whole.error() == std::errc::no_space_on_device);
    const auto some = co_await full->write(buffer, 0);
    CHECK(some.error() == std::errc::no_space_on_device);
  });
}

TEST_CASE("a durable write ends by a stop before it begins, and while it waits") {
  const temporary_folder folder;
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("pipe"), O_RDWR);
    REQUIRE(file);
    const std::string more_than_fits(1 << 20, 'x');
    std::error_code error;
    lull::scope before;
    before.request_stop();
    before.spawn(write_durable_text, std::ref(*file), more_than_fits, std::ref(error));
    co_await before.join();
    CHECK(error == std::errc::operation_canceled);
    error.clear();
    lull::scope scope;
    scope.spawn(write_durable_text, std::ref(*file), more_than_fits, std::ref(error));
    co_await lull::sleep(std::chrono::milliseconds(5));
    CHECK(scope.size() == 1);
    scope.request_stop();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
}

TEST_CASE("a durable write that races with its stop has happened, or is said to be unknown") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    for (int i = 0; i < 20; ++i) {
      const std::string text = std::to_string(100 + i);
      std::error_code error = std::make_error_code(std::errc::interrupted);
      lull::scope scope;
      scope.spawn(write_durable_text, std::ref(*file), text, std::ref(error));
      co_await lull::yield();
      if (i % 2 == 0) co_await lull::sleep(std::chrono::microseconds(10 * i));
      scope.request_stop();
      co_await scope.join();
      CHECK((!error || error == std::errc::operation_canceled));
      if (!error) CHECK(folder.get("a") == text);
    }
  });
}
