// SPDX-License-Identifier: MIT
// Operations on names: stat, rename, link, symlink, unlink, mkdir, rmdir.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/link.hpp>
#include <lull/io/mkdir.hpp>
#include <lull/io/rename.hpp>
#include <lull/io/stat.hpp>
#include <lull/io/unlink.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

TEST_CASE("stat follows symbolic links, lstat does not") {
  const temporary_folder folder;
  folder.put("a", "12345");
  std::filesystem::create_symlink("a", folder.path("link"));
  on_core([&]() -> lull::task<> {
    const auto through = co_await fs::stat(folder.path("link"));
    REQUIRE(through);
    CHECK(through->is_regular());
    CHECK(through->bytes == 5);
    const auto itself = co_await fs::lstat(folder.path("link"));
    REQUIRE(itself);
    CHECK(itself->is_symlink());
    const auto directory = co_await fs::stat(folder.name());
    REQUIRE(directory);
    CHECK(directory->is_directory());
    const auto none = co_await fs::stat(folder.path("none"));
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(none.message(), ContainsSubstring("stat " + folder.path("none") + ": "));
    CHECK(lull::io_here().file_operations == 4);
  });
}

TEST_CASE("a time that nanoseconds since 1970 do not hold was another one") {
  if (!std::filesystem::exists("/dev/shm")) SKIP("there is no file system in memory");
  const io_test::temporary_folder folder("/dev/shm");
  folder.put("a", "");
  const auto kept_as = [&](std::int64_t seconds) {
    const timespec both[2] = {{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, folder.path("a").c_str(), both, 0) == 0);
    struct stat raw;
    REQUIRE(::stat(folder.path("a").c_str(), &raw) == 0);
    if (raw.st_mtim.tv_sec != seconds) SKIP("this file system does not keep such a time");
    fs::file_time time;
    on_core([&]() -> lull::task<> {
      const auto status = co_await fs::stat(folder.path("a"));
      REQUIRE(status);
      time = status->modified;
    });
    return time;
  };
  CHECK(kept_as(1'000'000'000) == fs::file_time(std::chrono::seconds(1'000'000'000)));
  CHECK(kept_as(13'569'465'600) == fs::file_time::max());  // of the year 2400
  CHECK(kept_as(-10'000'000'000) == fs::file_time::min());
}

TEST_CASE("renaming replaces, or refuses to, or exchanges") {
  const temporary_folder folder;
  folder.put("a", "of a");
  folder.put("b", "of b");
  on_core([&]() -> lull::task<> {
    const auto refused = co_await fs::rename(folder.path("a"), folder.path("b"), RENAME_NOREPLACE);
    CHECK(refused.error() == std::errc::file_exists);
    CHECK_THAT(refused.message(),
               ContainsSubstring("rename " + folder.path("a") + " to " + folder.path("b")));
    const auto exchanged = co_await fs::rename(folder.path("a"), folder.path("b"), RENAME_EXCHANGE);
    CHECK(exchanged);
    CHECK(folder.get("a") == "of b");
    const auto renamed = co_await fs::rename(folder.path("a"), folder.path("b"));
    CHECK(renamed);
    CHECK(folder.get("b") == "of b");
    CHECK(!folder.has("a"));
    const auto none = co_await fs::rename(folder.path("a"), folder.path("b"));
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    const auto elsewhere = co_await fs::rename(folder.path("b"), "/dev/shm/lull-elsewhere");
    if (elsewhere) SKIP("/dev/shm is no file system of its own");
    CHECK_THAT(elsewhere.message(), ContainsSubstring("on different file systems"));
  });
}

TEST_CASE("a zero byte in either path refuses the operation") {
  const temporary_folder folder;
  folder.put("a", "");
  const std::string cut = folder.path("b") + std::string("\0.txt", 5);
  on_core([&]() -> lull::task<> {
    const auto renamed = co_await fs::rename(folder.path("a"), cut);
    CHECK(renamed.error() == std::errc::invalid_argument);
    CHECK_THAT(renamed.message(), ContainsSubstring("no path has a zero byte"));
  });
  CHECK(folder.entries() == std::set<std::string>{"a"});
}

TEST_CASE("a file has further names, and goes with the last") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    const auto linked = co_await fs::link(folder.path("a"), folder.path("b"));
    CHECK(linked);
    const auto status = co_await fs::stat(folder.path("a"));
    CHECK(status->links == 2);
    const auto taken = co_await fs::link(folder.path("a"), folder.path("b"));
    CHECK(taken.error() == std::errc::file_exists);
    CHECK_THAT(taken.message(),
               ContainsSubstring("link " + folder.path("a") + " to " + folder.path("b")));
    const auto first = co_await fs::unlink(folder.path("a"));
    CHECK(first);
    CHECK(folder.get("b") == "text");
    const auto last = co_await fs::unlink(folder.path("b"));
    CHECK(last);
    const auto none = co_await fs::unlink(folder.path("b"));
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(none.message(), ContainsSubstring("unlink " + folder.path("b")));
    const auto a_folder = co_await fs::unlink(folder.name());
    CHECK(a_folder.error() == std::errc::is_a_directory);
  });
  CHECK(folder.entries().empty());
}

TEST_CASE("a symbolic link holds what it was given") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    const auto made = co_await fs::symlink("not/there", folder.path("link"));
    CHECK(made);
    const auto taken = co_await fs::symlink("other", folder.path("link"));
    CHECK(taken.error() == std::errc::file_exists);
    CHECK_THAT(taken.message(), ContainsSubstring("symlink other to " + folder.path("link")));
  });
  CHECK(std::filesystem::read_symlink(folder.path("link")) == "not/there");
}

TEST_CASE("folders are made and removed") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    const std::string path = folder.path("sub");
    const auto made = co_await fs::mkdir(path, 0700);
    CHECK(made);
    CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms::owner_all);
    const auto again = co_await fs::mkdir(path);
    CHECK(again.error() == std::errc::file_exists);
    CHECK_THAT(again.message(), ContainsSubstring("mkdir " + path));
    const auto deep = co_await fs::mkdir(folder.path("none/below"));
    CHECK(deep.error() == std::errc::no_such_file_or_directory);
    folder.put("sub/a", "");
    const auto full = co_await fs::rmdir(path);
    CHECK(full.error() == std::errc::directory_not_empty);
    CHECK_THAT(full.message(), ContainsSubstring("rmdir " + path));
    const auto file = co_await fs::rmdir(folder.path("sub/a"));
    CHECK(file.error() == std::errc::not_a_directory);
    (void)co_await fs::unlink(folder.path("sub/a"));
    const auto removed = co_await fs::rmdir(path);
    CHECK(removed);
  });
  CHECK(folder.entries().empty());
}

namespace {

lull::task<> try_renaming(std::string from, std::string to, std::error_code& error) {
  const auto renamed = co_await fs::rename(from, to);
  error = renamed.error();
}

}  // namespace

TEST_CASE("what was stopped before it began leaves the names as they are") {
  const temporary_folder folder;
  folder.put("a", "");
  on_core([&]() -> lull::task<> {
    lull::scope scope;
    scope.request_stop();
    std::error_code error;
    scope.spawn(try_renaming, folder.path("a"), folder.path("b"), std::ref(error));
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
  });
  CHECK(folder.entries() == std::set<std::string>{"a"});
}

TEST_CASE("a rename that races with its stop says whether it was done") {
  const temporary_folder folder;
  folder.put("0", "");
  on_core([&]() -> lull::task<> {
    int at = 0;
    for (int i = 0; i < 50; ++i) {
      lull::scope scope;
      std::error_code error;
      scope.spawn(try_renaming, folder.path(std::to_string(at)),
                  folder.path(std::to_string(at + 1)), std::ref(error));
      co_await lull::sleep(std::chrono::microseconds(i));
      scope.request_stop();
      co_await scope.join();
      if (!error) ++at;
      CHECK((!error || error == std::errc::operation_canceled));
      REQUIRE(folder.entries() == std::set<std::string>{std::to_string(at)});
    }
  });
}

TEST_CASE("an operation on a path can be given a time") {
  on_core([]() -> lull::task<> {
    const auto status = co_await lull::timeout(std::chrono::seconds(10), fs::stat("/"));
    REQUIRE(status);
    CHECK((*status)->is_directory());
  });
}
