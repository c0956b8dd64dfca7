// SPDX-License-Identifier: MIT
// Reading, writing, closing. on_core looks that no descriptor is left behind.

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/io_core.hpp>
#include <lull/io/open.hpp>
#include <lull/reclaim/retire.hpp>
#include <lull/sched/scope.hpp>

#include "../file_size_limit.hpp"
#include "connected.hpp"
#include "in_runtime.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"
#include "text_of.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
using io_test::text_of;
namespace fs = lull::fs;

namespace {

iovec piece_of(std::span<std::byte> bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

TEST_CASE("what is written at an offset is read back there") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT, 0640);
    REQUIRE(file);
    CHECK(file->is_open());
    CHECK(file->path().view() == folder.path("a"));
    const auto written = co_await file->write("hello, world", 4);
    CHECK(written.error() == std::error_code());
    std::array<std::byte, 64> into;
    const auto got = co_await file->read(into, 4);
    REQUIRE(got);
    CHECK(text_of(std::span(into).first(*got)) == "hello, world");
    const auto part = co_await file->read(std::span(into).first(5), 11);
    REQUIRE(part);
    CHECK(text_of(std::span(into).first(*part)) == "world");
    const auto closed = co_await file->close();
    CHECK(closed);
    CHECK(!file->is_open());
    CHECK(file->descriptor() == -1);
    CHECK(lull::io_here().opened == 1);
    CHECK(lull::io_here().file_operations == 4);
  });
  CHECK(folder.get("a") == std::string(4, '\0') + "hello, world");
}

TEST_CASE("reading stops at the end of the file") {
  const temporary_folder folder;
  folder.put("a", "12345678");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    std::array<std::byte, 64> into;
    const auto last = co_await file->read(into, 5);
    CHECK(*last == 3);
    const auto end = co_await file->read(into, 8);
    CHECK(*end == 0);
    const auto beyond = co_await file->read(into, 1000);
    CHECK(*beyond == 0);
    const auto nothing = co_await file->read(std::span<std::byte>(), 0);
    CHECK(*nothing == 0);
  });
}

TEST_CASE("reading exactly fills the buffer or says that the file ends before") {
  const temporary_folder folder;
  folder.put("a", "12345678");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    std::array<std::byte, 8> into;
    const auto whole = co_await file->read_exactly(into, 0);
    REQUIRE(whole);
    CHECK(text_of(into) == "12345678");
    const auto rest = co_await file->read_exactly(std::span(into).first(2), 6);
    CHECK(rest);
    CHECK(text_of(std::span(into).first(2)) == "78");
    const auto short_of = co_await file->read_exactly(into, 4);
    CHECK(short_of.error() == std::errc::no_message_available);
    CHECK_THAT(short_of.message(), ContainsSubstring("read_exactly " + folder.path("a")) &&
                                       ContainsSubstring("the file ends before"));
    CHECK(text_of(std::span(into).first(4)) == "5678");
    const auto nothing = co_await file->read_exactly(std::span<std::byte>(), 100);
    CHECK(nothing);
  });
}

TEST_CASE("vectored reads and writes go through their places in order") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    std::string parts[] = {"one", "", "three", "4"};
    std::vector<iovec> from;
    for (std::string& part : parts) from.push_back({part.data(), part.size()});
    const auto written = co_await file->write(from, 2);
    CHECK(*written == 9);
    std::array<std::byte, 4> first;
    std::array<std::byte, 16> second;
    const iovec into[] = {piece_of(first), piece_of(second)};
    const auto got = co_await file->read(into, 2);
    REQUIRE(got);
    CHECK(*got == 9);
    CHECK(text_of(first) == "onet");
    CHECK(text_of(std::span(second).first(5)) == "hree4");
  });
}

TEST_CASE("more places than the kernel takes at once are used in part") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    char byte = 'x';
    const std::vector<iovec> places(lull::limits::vectors + 5, iovec{&byte, 1});
    const auto written = co_await file->write(places, 0);
    CHECK(*written == lull::limits::vectors);
    const auto got = co_await file->read(places, 0);
    CHECK(*got == lull::limits::vectors);
  });
}

TEST_CASE("write_all and append write everything, append at the end") {
  const temporary_folder folder;
  const std::string text = io_test::pattern(300'000);
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_WRONLY | O_CREAT);
    REQUIRE(file);
    const auto whole = co_await file->write_all(text, 0);
    CHECK(whole);
    const auto more = co_await file->append("the end");
    CHECK(more);
    const auto nothing = co_await file->append("");
    CHECK(nothing);
  });
  CHECK((folder.get("a") == text + "the end"));
}

TEST_CASE("two that append at a time lose nothing") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_WRONLY | O_CREAT);
    REQUIRE(file);
    const auto add = [](lull::file& to, std::string line) -> lull::task<> {
      for (int i = 0; i < 20; ++i) {
        const auto added = co_await to.append(line);
        CHECK(added);
      }
    };
    lull::scope both;
    both.spawn(add, std::ref(*file), std::string("first\n"));
    both.spawn(add, std::ref(*file), std::string("other\n"));
    co_await both.join();
  });
  CHECK(folder.get("a").size() == 2 * 20 * 6);
}

TEST_CASE("a file that may not grow any more takes a part, then says so") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_WRONLY | O_CREAT);
    REQUIRE(file);
    const test::file_size_limit limit(1000);
    const std::string text(3000, 'x');
    const auto part = co_await file->write(text, 0);
    CHECK(*part == 1000);
    const auto whole = co_await file->write_all(text, 0);
    CHECK(whole.error() == std::errc::file_too_large);
    CHECK_THAT(whole.message(), ContainsSubstring("write_all " + folder.path("a")) &&
                                    ContainsSubstring("ulimit -f"));
  });
  CHECK(folder.get("a").size() == 1000);
}

TEST_CASE(
    "the greatest offset was taken for the file's own position, and overwrote its beginning") {
  const temporary_folder folder;
  folder.put("a", "as it was");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR);
    REQUIRE(file);
    // Offsets are signed in the kernel, and -1 is what it calls the position.
    for (const std::uint64_t offset : {~std::uint64_t{0}, ~std::uint64_t{0} - 1}) {
      std::array<std::byte, 4> into{};
      iovec place{into.data(), into.size()};
      const auto wrote = co_await file->write("evil", offset);
      CHECK(wrote.error() == std::errc::invalid_argument);
      const auto all = co_await file->write_all("evil", offset);
      CHECK(all.error() == std::errc::invalid_argument);
      const auto vectored = co_await file->write(std::span<const iovec>(&place, 1), offset);
      CHECK(vectored.error() == std::errc::invalid_argument);
      const auto read = co_await file->read(into, offset);
      CHECK(read.error() == std::errc::invalid_argument);
      const auto exactly = co_await file->read_exactly(into, offset);
      CHECK(exactly.error() == std::errc::invalid_argument);
      const auto places = co_await file->read(std::span<const iovec>(&place, 1), offset);
      CHECK(places.error() == std::errc::invalid_argument);
    }
  });
  CHECK(folder.get("a") == "as it was");
}

TEST_CASE("what a file is not open for fails") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    const auto written = co_await file->write("x", 0);
    CHECK(written.error() == std::errc::bad_file_descriptor);
    const auto appended = co_await file->append("x");
    CHECK(appended.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("what is called on a closed file fails with its path") {
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"));
    REQUIRE(file);
    (void)co_await file->close();
    std::array<std::byte, 4> into;
    const auto got = co_await file->read(into, 0);
    CHECK(got.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(got.message(), ContainsSubstring("read " + folder.path("a")));
    const auto again = co_await file->close();
    CHECK(again);
  });
}

TEST_CASE("files move, and one that is dropped or assigned to is closed") {
  const temporary_folder folder;
  folder.put("a", "a");
  folder.put("b", "b");
  on_core([&]() -> lull::task<> {
    lull::file none;
    CHECK(!none.is_open());
    auto first = co_await fs::open(folder.path("a"));
    auto second = co_await fs::open(folder.path("b"));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(lull::io_here().files == 2);
    lull::file file = std::move(*first);
    CHECK(!first->is_open());
    file = std::move(*second);
    std::array<std::byte, 1> into;
    const auto got = co_await file.read(into, 0);
    CHECK(*got == 1);
    CHECK(text_of(into) == "b");
    CHECK(lull::io_here().files == 1);
  });
}

TEST_CASE("files of what was retired last were still open when their core ended") {
  io_test::in_runtime({}, []() -> lull::task<> {
    std::vector<std::unique_ptr<lull::file>> files;
    for (int i = 0; i < 100; ++i) {
      auto opened = co_await fs::open("/dev/null");
      REQUIRE(opened);
      files.push_back(std::make_unique<lull::file>(std::move(*opened)));
    }
    // More than a few iterations release, before them or after.
    for (int i = 0; i < 200'000; ++i) {
      if (i % 2000 == 0) lull::retire(std::move(files[static_cast<std::size_t>(i) / 2000]));
      lull::retire(std::make_unique<int>(i));
    }
  });
}
