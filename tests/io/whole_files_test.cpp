// SPDX-License-Identifier: MIT
// read_file, temporary_file and list.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/link.hpp>
#include <lull/io/list.hpp>
#include <lull/io/read_file.hpp>
#include <lull/io/temporary_file.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../allocations.hpp"
#include "../ring/stepping_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

TEST_CASE("read_file gives everything, whatever length the file tells") {
  const temporary_folder folder;
  const std::string text = io_test::pattern(100'000);
  folder.put("long", text);
  folder.put("empty", "");
  folder.put("block", text.substr(0, 4096));
  on_core([&]() -> lull::task<> {
    auto whole = co_await fs::read_file(folder.path("long"));
    CHECK((*whole == text));
    whole = co_await fs::read_file(folder.path("empty"));
    CHECK(whole->empty());
    whole = co_await fs::read_file(folder.path("block"));
    CHECK((*whole == text.substr(0, 4096)));
    whole = co_await fs::read_file("/proc/self/smaps");  // tells a length of 0, and is long
    REQUIRE(whole);
    CHECK(whole->size() > 8192);
    CHECK(whole->ends_with('\n'));
  });
}

TEST_CASE("read_file fails with the path, and beyond its limit") {
  const temporary_folder folder;
  folder.put("a", std::string(10'000, 'x'));
  on_core([&]() -> lull::task<> {
    const auto none = co_await fs::read_file(folder.path("none"));
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(none.message(), ContainsSubstring("open " + folder.path("none")));
    const auto directory = co_await fs::read_file(folder.name());
    CHECK(directory.error() == std::errc::is_a_directory);
    const auto fits = co_await fs::read_file(folder.path("a"), 10'000);
    CHECK(fits);
    const auto too_long = co_await fs::read_file(folder.path("a"), 9'999);
    CHECK(too_long.error() == std::errc::file_too_large);
    CHECK_THAT(too_long.message(), ContainsSubstring("read_file " + folder.path("a")));
  });
}

TEST_CASE("read_file made room for all that it may read before it saw that the file is longer") {
  test::need_allocations();
  const temporary_folder folder;
  folder.put("a", "");
  REQUIRE(::truncate(folder.path("a").c_str(), off_t{1} << 32) == 0);
  on_core([&]() -> lull::task<> {
    const std::size_t before = test::allocated_bytes();
    const auto got = co_await fs::read_file(folder.path("a"));
    CHECK(got.error() == std::errc::file_too_large);
    CHECK(test::allocated_bytes() - before < 1'000'000);
  });
}

TEST_CASE("read_file believed a file of /sys that tells a page and has a few bytes") {
  const std::string path = "/sys/devices/system/cpu/possible";
  if (!std::filesystem::exists(path)) SKIP("there is no " + path);
  on_core([&]() -> lull::task<> {
    const auto got = co_await fs::read_file(path, 1000);
    REQUIRE(got);
    CHECK(got->ends_with('\n'));
    CHECK(std::filesystem::file_size(path) > 1000);
  });
}

TEST_CASE("read_file of what never ends is stopped by its time") {
  const temporary_folder folder;
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  on_core([&]() -> lull::task<> {
    auto writer = co_await fs::open(folder.path("pipe"), O_RDWR);
    REQUIRE(writer);
    const auto got =
        co_await lull::timeout(std::chrono::milliseconds(5), fs::read_file(folder.path("pipe")));
    CHECK(got.timed_out());
    CHECK(got->error() == std::errc::operation_canceled);
  });
}

TEST_CASE("a temporary file has no name, and can be given one") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::temporary_file(folder.name());
    REQUIRE(file);
    CHECK(folder.entries().empty());
    const auto written = co_await file->write_all("text", 0);
    CHECK(written);
    const auto status = co_await file->stat();
    CHECK(status->links == 0);
    CHECK((status->mode & 07777) == 0600);
    const std::string itself = "/proc/self/fd/" + std::to_string(file->descriptor());
    const auto linked = co_await fs::link(itself, folder.path("a"), AT_SYMLINK_FOLLOW);
    CHECK(linked);
    CHECK(folder.get("a") == "text");
  });
}

TEST_CASE("where a folder has no files without a name, the name is removed at once") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto creating = lull::detail::create_and_unlink(folder.name(), 0600);
    auto file = co_await std::move(creating);
    REQUIRE(file);
    CHECK(folder.entries().empty());
    const auto written = co_await file->write_all("text", 0);
    CHECK(written);
    const auto status = co_await file->stat();
    CHECK(status->links == 0);
    CHECK(status->bytes == 4);
  });
}

TEST_CASE("a file system without files that have no name gets one whose name is removed") {
  const temporary_folder folder;
  // That of message queues, which are files.
  if (::mount("mqueue", folder.name().c_str(), "mqueue", 0, nullptr) != 0) {
    SKIP("needs the right to mount a file system");
  }
  const std::set<std::string> before = folder.entries();
  on_core([&]() -> lull::task<> {
    const auto unnamed = co_await fs::open(folder.name(), O_TMPFILE | O_RDWR);
    CHECK(unnamed.error() == std::errc::operation_not_supported);
    auto file = co_await fs::temporary_file(folder.name());
    REQUIRE(file);
    const auto status = co_await file->stat();
    CHECK(status->links == 0);
  });
  CHECK(folder.entries() == before);
  // The kernel lets go of a closed file a little later.
  CHECK(::umount2(folder.name().c_str(), MNT_DETACH) == 0);
}

TEST_CASE("a temporary file that cannot be made names its folder") {
  const temporary_folder folder;
  folder.put("a", "");
  on_core([&]() -> lull::task<> {
    const auto none = co_await fs::temporary_file(folder.path("none"));
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(none.message(), ContainsSubstring("temporary_file " + folder.path("none")));
    const auto no_folder = co_await fs::temporary_file(folder.path("a"));
    CHECK(no_folder.error() == std::errc::not_a_directory);
    auto creating = lull::detail::create_and_unlink(folder.path("none"), 0600);
    const auto by_name = co_await std::move(creating);
    CHECK_THAT(by_name.message(), ContainsSubstring("temporary_file " + folder.path("none")));
  });
}

namespace {

lull::task<> try_temporary_file(std::string folder, std::error_code& error) {
  auto creating = lull::detail::create_and_unlink(folder, 0600);
  const auto made = co_await std::move(creating);
  error = made.error();
}

}  // namespace

TEST_CASE("a temporary file that is stopped while it has a name leaves none") {
  const temporary_folder folder;
  test::stepping_kernel kernel;
  on_core(
      {},
      [&]() -> lull::task<> {
        for (int i = 0; i < 20; ++i) {
          lull::scope scope;
          std::error_code error;
          kernel.call_after(0, [&] { scope.request_stop(); });
          scope.spawn(try_temporary_file, folder.name(), std::ref(error));
          co_await scope.join();
          CHECK((!error || error == std::errc::operation_canceled));
          REQUIRE(folder.entries().empty());
        }
      },
      kernel);
}

namespace {

// Listing needs the threads of a runtime.
template <class Main>
void on_runtime(Main main) {
  lull::detected_capabilities();
  const std::size_t before = io_test::open_descriptors();
  {
    lull::runtime core(lull::run_options{.cores = {0}, .handle_signals = false});
    core.run(main);
  }
  CHECK(io_test::open_descriptors() == before);
}

}  // namespace

TEST_CASE("a folder is listed with the kinds of its entries") {
  const temporary_folder folder;
  folder.put("file", "");
  std::filesystem::create_directory(folder.path("sub"));
  std::filesystem::create_symlink("file", folder.path("link"));
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  on_runtime([&]() -> lull::task<> {
    auto listing = fs::list(folder.name());
    auto entries = co_await std::move(listing);
    REQUIRE(entries);
    REQUIRE(entries->size() == 4);
    std::sort(entries->begin(), entries->end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    const auto is = [&](std::size_t i, const char* name, fs::file_kind kind) {
      const auto& entry = (*entries)[i];
      return entry.name == name && (entry.kind == kind || entry.kind == fs::file_kind::unknown);
    };
    CHECK(is(0, "file", fs::file_kind::regular));
    CHECK(is(1, "link", fs::file_kind::symlink));
    CHECK(is(2, "pipe", fs::file_kind::other));
    CHECK(is(3, "sub", fs::file_kind::directory));
  });
}

TEST_CASE("a folder that cannot be listed, or has too many entries, says so") {
  const temporary_folder folder;
  folder.put("a", "");
  folder.put("b", "");
  on_runtime([&]() -> lull::task<> {
    auto listing = fs::list(folder.path("none"));
    auto entries = co_await std::move(listing);
    CHECK(entries.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(entries.message(), ContainsSubstring("list " + folder.path("none")));
    listing = fs::list(folder.path("a"));
    entries = co_await std::move(listing);
    CHECK(entries.error() == std::errc::not_a_directory);
    listing = fs::list(folder.name(), 1);
    entries = co_await std::move(listing);
    CHECK(entries.error() == std::errc::value_too_large);
    listing = fs::list(folder.name(), 2);
    entries = co_await std::move(listing);
    CHECK(entries);
    listing = fs::list(folder.name() + std::string("\0", 1));
    entries = co_await std::move(listing);
    CHECK(entries.error() == std::errc::invalid_argument);
  });
}

TEST_CASE("a listing that is stopped is over at once") {
  on_runtime([]() -> lull::task<> {
    lull::scope scope;
    scope.request_stop();
    std::error_code error;
    const auto look = [](std::error_code& into) -> lull::task<> {
      auto listing = fs::list("/");
      const auto entries = co_await std::move(listing);
      into = entries.error();
    };
    scope.spawn(look, std::ref(error));
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
}
