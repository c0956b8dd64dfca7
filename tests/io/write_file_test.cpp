// SPDX-License-Identifier: MIT
// write_file: old or new, whole, and nothing beside it, whatever happens.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/descriptor.hpp>
#include <lull/io/io_core.hpp>
#include <lull/io/read_file.hpp>
#include <lull/io/write_file.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "../ring/stepping_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

namespace {

const std::set<std::string> only_a{"a"};

lull::task<> try_write_file(std::string path, std::string text, std::error_code& error) {
  auto writing = fs::write_file(path, text);
  const auto written = co_await std::move(writing);
  error = written.error();
}

}  // namespace

TEST_CASE("write_file makes a file, and replaces one") {
  const temporary_folder folder;
  const std::string text = io_test::pattern(100'000);
  on_core([&]() -> lull::task<> {
    const auto made = co_await fs::write_file(folder.path("a"), "first", 0600);
    CHECK(made);
    CHECK(folder.get("a") == "first");
    struct stat raw{};
    REQUIRE(::stat(folder.path("a").c_str(), &raw) == 0);
    CHECK((raw.st_mode & 07777) == 0600);
    const auto replaced = co_await fs::write_file(folder.path("a"), text);
    CHECK(replaced);
    CHECK((folder.get("a") == text));
    const auto emptied = co_await fs::write_file(folder.path("a"), "");
    CHECK(emptied);
    CHECK(folder.get("a").empty());
  });
  CHECK(folder.entries() == only_a);
}

TEST_CASE("write_file takes a name in the working directory") {
  const temporary_folder folder;
  // By its descriptor: who may not walk there by name can still go back.
  const lull::descriptor before(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(before.get() >= 0);
  REQUIRE(::chdir(folder.name().c_str()) == 0);
  test::stepping_kernel kernel;
  std::set<std::string> meanwhile;
  on_core(
      {},
      [&]() -> lull::task<> {
        kernel.call_after(2, [&] { meanwhile = folder.entries(); });
        const auto made = co_await fs::write_file("a", "text");
        CHECK(made);
      },
      kernel);
  CHECK(meanwhile.size() == 1);
  CHECK(meanwhile.begin()->starts_with(".lull-"));
  REQUIRE(::fchdir(before.get()) == 0);
  CHECK(folder.get("a") == "text");
}

TEST_CASE("write_file names what it was to write and the step that failed") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    const auto no_folder = co_await fs::write_file(folder.path("none/a"), "x");
    CHECK(no_folder.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(no_folder.message(),
               ContainsSubstring("write_file (open of the folder) " + folder.path("none/a")));
    const auto before = lull::io_here().file_operations;
    const auto onto_folder = co_await fs::write_file(folder.name(), "x");
    CHECK(onto_folder.error() == std::errc::is_a_directory);
    // The last of them removes the temporary file: no blocking call does.
    CHECK(lull::io_here().file_operations - before == 6);
    CHECK_THAT(onto_folder.message(), ContainsSubstring("write_file (rename) " + folder.name()));
    const auto cut = co_await fs::write_file(std::string("/tmp/a\0b", 8), "x");
    CHECK(cut.error() == std::errc::invalid_argument);
  });
  CHECK(folder.entries().empty());
}

TEST_CASE("a step of write_file that fails leaves the old file and nothing beside it") {
  const temporary_folder folder;
  test::stepping_kernel kernel;
  int steps = 0;
  on_core(
      {},
      [&]() -> lull::task<> {
        for (;; ++steps) {
          INFO("step " << steps);
          folder.put("a", "old");
          kernel.fail_after(steps);
          auto writing = fs::write_file(folder.path("a"), "new");
          const auto written = co_await std::move(writing);
          CHECK(folder.entries() == only_a);
          if (written) break;
          CHECK(written.error() == std::errc::invalid_argument);
          // Once it has been renamed, what failed is the sync of the folder.
          const bool renamed = written.message().find("fsync of the folder") != std::string::npos;
          CHECK(folder.get("a") == (renamed ? "new" : "old"));
          CHECK(renamed == (steps == 5));
        }
      },
      kernel);
  CHECK(steps == 6);  // folder, temporary, write, sync, rename, sync of the folder
}

TEST_CASE("a stop in any step of write_file leaves old or new, whole, and nothing beside it") {
  const temporary_folder folder;
  test::stepping_kernel kernel;
  on_core(
      {},
      [&]() -> lull::task<> {
        for (int step = 0; step < 6; ++step) {
          INFO("step " << step);
          folder.put("a", "old");
          lull::scope scope;
          std::error_code error = std::make_error_code(std::errc::interrupted);
          kernel.call_after(step, [&] { scope.request_stop(); });
          scope.spawn(try_write_file, folder.path("a"), std::string("new"), std::ref(error));
          co_await scope.join();
          CHECK(kernel.met());
          CHECK(folder.entries() == only_a);
          CHECK(folder.get("a") == (error ? "old" : "new"));
          CHECK((!error || error == std::errc::operation_canceled));
          if (step >= 4) CHECK(!error);  // it was being renamed
        }
      },
      kernel);
}

TEST_CASE("a stop at any time leaves old or new, whole, and nothing beside it") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    std::string content = "0";
    folder.put("a", content);
    for (int i = 1; i <= 20; ++i) {
      lull::scope scope;
      std::error_code error;
      scope.spawn(try_write_file, folder.path("a"), std::to_string(i), std::ref(error));
      co_await lull::sleep(std::chrono::microseconds(i * 20));
      scope.request_stop();
      co_await scope.join();
      if (!error) content = std::to_string(i);
      REQUIRE(folder.get("a") == content);
      REQUIRE(folder.entries() == only_a);
    }
  });
}

TEST_CASE("memory that fails anywhere in write_file leaves the old file and nothing beside it") {
  test::need_allocations();
  const temporary_folder folder;
  const std::string path = folder.path("a");
  on_core([&]() -> lull::task<> {
    for (std::size_t passes = 0;; ++passes) {
      folder.put("a", "old");
      bool threw = false;
      bool met = false;
      try {
        const test::failing_allocations none(passes, test::failing::once);
        auto writing = fs::write_file(path, "new");
        const auto written = co_await std::move(writing);
        met = none.met();
        CHECK(written);
      } catch (const std::bad_alloc&) {
        threw = met = true;
      }
      REQUIRE(folder.entries() == only_a);
      REQUIRE(folder.get("a") == (threw ? "old" : "new"));
      if (!met) break;
      REQUIRE(passes < 100);
    }
  });
}

TEST_CASE("a reader of what is being replaced sees old or new, whole") {
  const temporary_folder folder;
  const std::string texts[] = {io_test::pattern(50'000, 1), io_test::pattern(20'000, 2)};
  folder.put("a", texts[0]);
  on_core([&]() -> lull::task<> {
    bool done = false;
    int seen[2] = {0, 0};
    const auto look = [&]() -> lull::task<> {
      while (!done) {
        auto reading = fs::read_file(folder.path("a"));
        const auto text = co_await std::move(reading);
        REQUIRE(text);
        const int which = *text == texts[0] ? 0 : 1;
        REQUIRE((*text == texts[which]));
        ++seen[which];
      }
    };
    lull::scope readers;
    readers.spawn(look);
    for (int i = 1; i <= 10; ++i) {
      auto writing = fs::write_file(folder.path("a"), texts[i % 2]);
      const auto written = co_await std::move(writing);
      CHECK(written);
    }
    done = true;
    co_await readers.join();
    CHECK(seen[0] > 0);
    CHECK(seen[1] > 0);
  });
}

TEST_CASE("a full file system leaves the old file and nothing beside it") {
  const temporary_folder folder;
  if (::mount("tmpfs", folder.name().c_str(), "tmpfs", 0, "size=64k") != 0) {
    SKIP("needs the right to mount a small tmpfs");
  }
  folder.put("a", "old");
  on_core([&]() -> lull::task<> {
    const std::string much(1'000'000, 'x');
    auto writing = fs::write_file(folder.path("a"), much);
    const auto written = co_await std::move(writing);
    CHECK(written.error() == std::errc::no_space_on_device);
    CHECK_THAT(written.message(), ContainsSubstring("write_file (write) " + folder.path("a")) &&
                                      ContainsSubstring("df -h"));
  });
  CHECK(folder.get("a") == "old");
  CHECK(folder.entries() == only_a);
  // The kernel lets go of a closed file a little later.
  CHECK(::umount2(folder.name().c_str(), MNT_DETACH) == 0);
}
