// SPDX-License-Identifier: MIT
// What is done with an open file besides reading and writing, and O_DIRECT.
#include <sys/stat.h>

#include <cstring>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/aligned_buffer.hpp>
#include <lull/io/open.hpp>
#include <lull/sched/runtime.hpp>

#include "../allocations.hpp"
#include "../file_size_limit.hpp"
#include "../no_new_threads.hpp"
#include "in_runtime.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

TEST_CASE("a file is synced, wholly, its data, and a range of it") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    const auto written = co_await file->write_all(std::string(10'000, 'x'), 0);
    CHECK(written);
    const auto whole = co_await file->fsync();
    CHECK(whole);
    const auto data = co_await file->fdatasync();
    CHECK(data);
    const auto range = co_await file->sync_range(4096, 4096);
    CHECK(range);
    const auto long_range = co_await file->sync_range(0, std::uint64_t{1} << 40);
    CHECK(long_range);
    const auto wrong = co_await file->sync_range(0, 1, 0x100);
    CHECK(wrong.error() == std::errc::invalid_argument);
    CHECK_THAT(wrong.message(), ContainsSubstring("sync_range " + folder.path("a")));
  });
}

TEST_CASE("what cannot be synced says so") {
  on_core([]() -> lull::task<> {
    auto none = co_await fs::open("/dev/null", O_RDWR);
    REQUIRE(none);
    const auto whole = co_await none->fsync();
    CHECK(whole.error() == std::errc::invalid_argument);
    CHECK_THAT(whole.message(), ContainsSubstring("fsync /dev/null"));
    const auto data = co_await none->fdatasync();
    CHECK_THAT(data.message(), ContainsSubstring("fdatasync /dev/null"));
  });
}

TEST_CASE("room is allocated, given back, and refused") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    const auto room = co_await file->allocate(0, 100'000);
    REQUIRE(room);
    auto status = co_await file->stat();
    REQUIRE(status);
    CHECK(status->bytes == 100'000);
    CHECK(status->allocated_bytes >= 100'000);
    const auto kept = co_await file->allocate(100'000, 100'000, FALLOC_FL_KEEP_SIZE);
    CHECK(kept);
    status = co_await file->stat();
    CHECK(status->bytes == 100'000);
    const auto back = co_await file->allocate(0, 65536, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    CHECK(back);
    const auto before = status->allocated_bytes;
    status = co_await file->stat();
    CHECK(status->allocated_bytes < before);
    const auto nothing = co_await file->allocate(0, 0);
    CHECK(nothing.error() == std::errc::invalid_argument);
    const auto too_much = co_await file->allocate(0, std::uint64_t{1} << 62);
    CHECK((too_much.error() == std::errc::file_too_large ||
           too_much.error() == std::errc::no_space_on_device));
    CHECK_THAT(too_much.message(), ContainsSubstring("allocate " + folder.path("a")));
  });
}

namespace {

lull::task<> truncate_both_ways(const temporary_folder& folder) {
  auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
  REQUIRE(file);
  const auto written = co_await file->write_all("a text", 0);
  CHECK(written);
  const auto shorter = co_await file->truncate(3);
  CHECK(shorter);
  CHECK(folder.get("a") == "a t");
  const auto longer = co_await file->truncate(5);
  CHECK(longer);
  CHECK((folder.get("a") == std::string("a t\0\0", 5)));
  auto reading = co_await fs::open(folder.path("a"));
  REQUIRE(reading);
  const auto refused = co_await reading->truncate(0);
  CHECK(refused.error() == std::errc::invalid_argument);
  CHECK_THAT(refused.message(), ContainsSubstring("truncate " + folder.path("a")));
  (void)co_await file->close();
  const auto closed = co_await file->truncate(0);
  CHECK(closed.error() == std::errc::bad_file_descriptor);
}

}  // namespace

TEST_CASE("a file is truncated to a shorter and to a longer one") {
  const temporary_folder folder;
  if (!lull::detected_capabilities().truncate) SKIP("the kernel has no such operation");
  on_core([&] { return truncate_both_ways(folder); });
}

TEST_CASE("a thread truncates where the ring cannot") {
  const temporary_folder folder;
  lull::run_options options{.cores = {0}, .handle_signals = false};
  options.core.ring.allowed.truncate = false;
  lull::runtime core(options);
  core.run([&]() -> lull::task<> {
    auto work = truncate_both_ways(folder);
    co_await std::move(work);
    CHECK(lull::detail::this_context("the test").offloads->statistics().calls == 3);
  });
}

TEST_CASE("truncating without a thread to be had threw, where a failure was promised") {
  const temporary_folder folder;
  lull::run_options options;
  options.core.ring.allowed.truncate = false;
  io_test::in_runtime(std::move(options), [&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    const test::no_new_threads none;
    const auto refused = co_await file->truncate(3);
    CHECK(refused.error() == std::errc::resource_unavailable_try_again);
    CHECK_THAT(refused.message(), ContainsSubstring("truncate " + folder.path("a")));
  });
}

TEST_CASE("the status of an open file is that of the file system") {
  const temporary_folder folder;
  folder.put("a", "12345");
  struct stat raw{};
  REQUIRE(::stat(folder.path("a").c_str(), &raw) == 0);
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    const auto status = co_await file->stat();
    REQUIRE(status);
    CHECK(status->is_regular());
    CHECK(!status->is_directory());
    CHECK(status->bytes == 5);
    CHECK(status->inode == raw.st_ino);
    CHECK(status->device == raw.st_dev);
    CHECK(status->mode == raw.st_mode);
    CHECK(status->links == 1);
    CHECK(status->user == raw.st_uid);
    CHECK(status->group == raw.st_gid);
    const auto modified = status->modified.time_since_epoch().count();
    CHECK(modified == raw.st_mtim.tv_sec * 1'000'000'000 + raw.st_mtim.tv_nsec);
  });
}

TEST_CASE("advice is taken, and nonsense refused") {
  const temporary_folder folder;
  folder.put("a", "12345");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    const auto sequential = co_await file->advise(0, 0, POSIX_FADV_SEQUENTIAL);
    CHECK(sequential);
    const auto needed = co_await file->advise(0, std::uint64_t{1} << 40, POSIX_FADV_WILLNEED);
    CHECK(needed);
    const auto nonsense = co_await file->advise(0, 0, 4711);
    CHECK(nonsense.error() == std::errc::invalid_argument);
    CHECK_THAT(nonsense.message(), ContainsSubstring("advise " + folder.path("a")));
  });
}

TEST_CASE("a buffer for O_DIRECT is aligned, whole blocks, zeroed and its owner's alone") {
  lull::aligned_buffer none;
  CHECK(none.size() == 0);
  lull::aligned_buffer buffer(5000);
  CHECK(buffer.size() == 8192);
  CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 4096 == 0);
  CHECK(buffer.data()[8191] == std::byte{0});
  const std::byte* const where = buffer.data();
  none = std::move(buffer);
  CHECK(none.data() == where);
  CHECK(buffer.size() == 0);
  const lull::aligned_buffer moved(std::move(none));
  CHECK(moved.size() == 8192);
  CHECK(lull::aligned_buffer(1, 512).size() == 512);
  CHECK_THROWS_AS(lull::aligned_buffer(SIZE_MAX), std::bad_alloc);
}

TEST_CASE("whole blocks go past the page cache, others are refused") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT | O_DIRECT);
    if (file.error() == std::errc::invalid_argument) SKIP("this file system has no O_DIRECT");
    REQUIRE(file);
    lull::aligned_buffer from(8192);
    std::memset(from.data(), 'x', from.size());
    const auto written = co_await file->write_all(from, 4096);
    REQUIRE(written);
    lull::aligned_buffer into(8192);
    const auto got = co_await file->read_exactly(into, 4096);
    REQUIRE(got);
    CHECK(std::memcmp(from.data(), into.data(), from.size()) == 0);
    const auto crooked = co_await file->read(std::span(into).subspan(1, 100), 0);
    if (!crooked) {  // some file systems read it through the page cache instead
      CHECK(crooked.error() == std::errc::invalid_argument);
      CHECK_THAT(crooked.message(), ContainsSubstring("see aligned_buffer"));
    }
  });
}

TEST_CASE("a write or a truncate beyond what a file may have ended the program by SIGXFSZ") {
  const temporary_folder folder;
  for (const bool by_ring : {true, false}) {
    lull::run_options options;
    options.core.ring.allowed.truncate = by_ring;
    io_test::in_runtime(options, [&]() -> lull::task<> {
      auto file = co_await fs::open(folder.path("b"), O_RDWR | O_CREAT | O_DIRECT);
      if (file.error() == std::errc::invalid_argument) SKIP("this file system has no O_DIRECT");
      REQUIRE(file);
      const test::file_size_limit limit(8192);
      const lull::aligned_buffer from(8192);
      auto written = co_await file->write_all(from, 0);
      CHECK(written);
      written = co_await file->write_all(from, 8192);
      CHECK(written.error() == std::errc::file_too_large);
      auto cutting = file->truncate(16384);
      const auto cut = co_await std::move(cutting);
      CHECK(cut.error() == std::errc::file_too_large);
    });
  }
}

TEST_CASE("reads, writes and syncs allocate nothing in the long run") {
  test::need_allocations();
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    bool good = true;
    std::size_t before = 0;
    std::byte into[8];
    for (int i = 0; i < 20; ++i) {
      if (i == 10) before = test::allocations();
      const auto written = co_await file->write_all("12345678", 0);
      const auto read = co_await file->read(into, 0);
      const auto exactly = co_await file->read_exactly(into, 0);
      const auto synced = co_await file->fdatasync();
      const auto status = co_await file->stat();
      const auto beyond = co_await file->read_exactly(into, 8);  // a failure that names its path
      good = good && written && read && exactly && synced && status && !beyond;
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    CHECK(after - before == 0);
  });
}
