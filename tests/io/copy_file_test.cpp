// SPDX-License-Identifier: MIT
#include <lull/io/copy_file.hpp>

#include <sys/stat.h>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/limits.hpp>
#include <lull/sched/scope.hpp>

#include "../ring/keeping_names.hpp"
#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;
using io_test::temporary_folder;
namespace fs = lull::fs;

namespace {

lull::task<> copy_into(std::string from, std::string to, std::error_code& error) {
  const auto copied = co_await fs::copy_file(from, to);
  error = copied.error();
}

}  // namespace

TEST_CASE("a file is copied whole, with its rights, whatever its length") {
  const temporary_folder folder;
  constexpr std::size_t piece = lull::limits::copy_file_bytes;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, piece, 2 * piece + 3}) {
    const std::string text = pattern(bytes);
    const std::string to = folder.path(std::to_string(bytes));
    folder.put("a", text);
    // Whoever copies gives nobody else its rights.
    REQUIRE(::chmod(folder.path("a").c_str(), 06711) == 0);
    on_core([&]() -> lull::task<> {
      const auto copied = co_await fs::copy_file(folder.path("a"), to);
      REQUIRE(copied);
      CHECK(*copied == bytes);
    });
    CHECK(folder.get(std::to_string(bytes)) == text);
    struct stat made;
    REQUIRE(::stat(to.c_str(), &made) == 0);
    CHECK((made.st_mode & 07777) == 0711);
  }
}

TEST_CASE("a file is copied over a kernel that reads and writes a little at a time") {
  const temporary_folder folder;
  folder.put("a", pattern(1000));
  test::short_kernel kernel(7);
  on_core(
      {},
      [&]() -> lull::task<> {
        const auto copied = co_await fs::copy_file(folder.path("a"), folder.path("b"));
        CHECK(*copied == 1000);
      },
      kernel);
  CHECK(folder.get("b") == pattern(1000));
  CHECK(kernel.shortened() > 0);
}

TEST_CASE("a copy that cannot be made leaves what is there, and nothing of its own") {
  const temporary_folder folder;
  folder.put("a", "old");
  folder.put("b", "other");
  on_core([&]() -> lull::task<> {
    auto copied = co_await fs::copy_file(folder.path("a"), folder.path("b"));
    CHECK(copied.error() == std::errc::file_exists);
    CHECK_THAT(copied.message(),
               ContainsSubstring("copy_file " + folder.path("a") + " to " + folder.path("b")));
    copied = co_await fs::copy_file(folder.path("none"), folder.path("c"));
    CHECK(copied.error() == std::errc::no_such_file_or_directory);
    copied = co_await fs::copy_file(folder.name(), folder.path("c"));
    CHECK(copied.error() == std::errc::is_a_directory);
    copied = co_await fs::copy_file(folder.path("a"), folder.path("no/c"));
    CHECK(copied.error() == std::errc::no_such_file_or_directory);
  });
  CHECK(folder.get("b") == "other");
  CHECK(folder.entries() == std::set<std::string>{"a", "b"});
}

TEST_CASE("a copy that had failed stayed behind when the ring did not remove it") {
  const temporary_folder folder;
  test::keeping_names kernel;
  on_core(
      {},
      [&]() -> lull::task<> {
        const auto copied = co_await fs::copy_file(folder.name(), folder.path("b"));
        CHECK(copied.error() == std::errc::is_a_directory);
      },
      kernel);
  CHECK(kernel.kept == 1);
  CHECK(folder.entries().empty());
}

TEST_CASE("a copy that is stopped leaves no file, whenever the stop comes") {
  const temporary_folder folder;
  folder.put("a", pattern(2'000'000));
  on_core([&]() -> lull::task<> {
    int stopped = 0;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "b" + std::to_string(i);
      lull::scope scope;
      if (i == 0) scope.request_stop();
      std::error_code error;
      scope.spawn(copy_into, folder.path("a"), folder.path(name), std::ref(error));
      co_await lull::sleep(std::chrono::microseconds(40 * i));
      scope.request_stop();
      co_await scope.join();
      CHECK((!error || error == std::errc::operation_canceled));
      CHECK(folder.has(name) == !error);
      if (error) ++stopped;
      if (!error) CHECK(folder.get(name) == pattern(2'000'000));
    }
    CHECK(stopped > 0);
  });
}
