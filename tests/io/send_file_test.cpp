// SPDX-License-Identifier: MIT
#include <lull/io/send_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/file_block.hpp>
#include <lull/io/limits.hpp>
#include <lull/io/open.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../allocations.hpp"
#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;

namespace {

using outcome = std::optional<lull::result<std::uint64_t>>;

lull::task<> send_file_into(lull::byte_stream& to, lull::file& from, outcome& into) {
  auto sent = co_await lull::send_file(to, from);
  into.emplace(std::move(sent));
}

lull::task<> send_path_into(lull::byte_stream& to, std::string path, outcome& into) {
  auto from = co_await lull::fs::open(std::move(path));
  REQUIRE(from);
  co_await send_file_into(to, *from, into);
}

// All that comes until the end.
std::string receive_to_the_end(io_test::raw_peer& from) {
  std::string text;
  for (std::string part = "."; !part.empty();) {
    part = from.receive();
    text += part;
  }
  return text;
}

constexpr std::size_t one_piece = lull::limits::send_file_bytes;

}  // namespace

TEST_CASE("a file is sent whole, whatever its length") {
  const io_test::temporary_folder folder;
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, one_piece - 1, one_piece, 3 * one_piece + 7}) {
    const std::string text = pattern(bytes);
    folder.put("a", text);
    on_core([&]() -> lull::task<> {
      auto both = co_await io_test::connected();
      auto file = co_await lull::fs::open(folder.path("a"));
      std::string got;
      std::thread reader([&] { got = receive_to_the_end(both.peer); });
      const auto sent = co_await lull::send_file(both.stream, *file);
      CHECK(sent);
      co_await both.stream.close();
      reader.join();
      CHECK(*sent == bytes);
      CHECK(got == text);
    });
  }
}

TEST_CASE("a part of a file is sent, as far as there is one") {
  const io_test::temporary_folder folder;
  folder.put("a", "0123456789");
  on_core([&]() -> lull::task<> {
    auto both = co_await io_test::connected();
    auto file = co_await lull::fs::open(folder.path("a"));
    auto sent = co_await lull::send_file(both.stream, *file, 2, 3);
    CHECK(*sent == 3);
    sent = co_await lull::send_file(both.stream, *file, 8, 30);
    CHECK(*sent == 2);
    sent = co_await lull::send_file(both.stream, *file, 100);
    CHECK(*sent == 0);
    sent = co_await lull::send_file(both.stream, *file, 0, 0);
    CHECK(*sent == 0);
    CHECK(both.peer.receive() == "23489");
  });
}

TEST_CASE("a file is sent over a kernel that reads and sends a little at a time") {
  const io_test::temporary_folder folder;
  const std::string text = pattern(1000);
  folder.put("a", text);
  test::short_kernel kernel(7);
  on_core(
      {},
      [&]() -> lull::task<> {
        auto both = co_await io_test::connected();
        auto file = co_await lull::fs::open(folder.path("a"));
        const auto sent = co_await lull::send_file(both.stream, *file, 0, 990);
        CHECK(*sent == 990);
        co_await both.stream.close();
        CHECK(receive_to_the_end(both.peer) == text.substr(0, 990));
      },
      kernel);
  CHECK(kernel.shortened() > 0);
}

TEST_CASE("sending a file ends when its peer goes, its scope stops, or either end is closed") {
  const io_test::temporary_folder folder;
  enum class way { peer, stop, before, stream, file };
  const auto ends = [&](std::size_t bytes, way end) {
    CAPTURE(bytes, end);
    const std::string text = pattern(bytes);
    folder.put("a", text);
    const bool in_last_piece = bytes < one_piece;
    on_core([&]() -> lull::task<> {
      auto both = co_await io_test::connected(4096);
      io_test::small_send_buffer(both.stream);
      auto file = co_await lull::fs::open(folder.path("a"));
      outcome sent;
      lull::scope scope;
      if (end == way::before) scope.request_stop();
      scope.spawn(send_file_into, std::ref(both.stream), std::ref(*file), std::ref(sent));
      while (end != way::before && !both.peer.has_bytes()) co_await lull::yield();
      co_await lull::sleep(std::chrono::milliseconds(3));  // until there is no room
      CHECK(sent.has_value() == (end == way::before));
      const std::string begun = end == way::before ? "" : both.peer.receive(1000);
      CHECK(text.starts_with(begun));
      if (end == way::peer) both.peer.reset();
      if (end == way::stop) scope.request_stop();
      if (end == way::stream) co_await both.stream.close();
      if (end == way::file) {
        const auto closed = co_await file->close();
        CHECK(closed);
        std::thread reader([&] { receive_to_the_end(both.peer); });
        co_await scope.join();
        co_await both.stream.close();
        reader.join();
      }
      co_await scope.join();
      REQUIRE(sent);
      if (end == way::file && in_last_piece) {  // of which nothing is left to read
        REQUIRE(*sent);
        CHECK(**sent == bytes);
        co_return;
      }
      CHECK_THAT(sent->message(), ContainsSubstring("send_file "));
      if (end == way::peer) {
        CHECK((sent->error() == std::errc::connection_reset ||
               sent->error() == std::errc::broken_pipe));
        CHECK_THAT(sent->message(), ContainsSubstring("127.0.0.1:"));
      } else if (end == way::file) {
        CHECK(sent->error() == std::errc::bad_file_descriptor);
        CHECK_THAT(sent->message(), ContainsSubstring(folder.path("a")));
      } else {
        CHECK(sent->error() == std::errc::operation_canceled);
      }
    });
  };
  for (const way end : {way::peer, way::stop, way::before, way::stream, way::file}) {
    ends(8'000'000, end);
    if (!lull::limits::small) ends(one_piece - 1, end);  // a small one has room in the kernel
  }
}

TEST_CASE("sending a file took memory from the heap each time, which the kernel had to clear") {
  test::need_allocations();
  if (!lull::detail::kept_file_blocks::keeps) SKIP("AddressSanitizer sees each come and go");
  const io_test::temporary_folder folder;
  folder.put("a", pattern(1000));
  on_core([&]() -> lull::task<> {
    auto both = co_await io_test::connected();
    auto file = co_await lull::fs::open(folder.path("a"));
    std::size_t allocations = 0;
    std::uint64_t all = 0;
    for (int i = 0; i < 200; ++i) {
      const std::size_t before = test::allocations();
      const auto sent = co_await lull::send_file(both.stream, *file);
      if (i >= 100) allocations += test::allocations() - before;
      all += sent ? *sent : 0;
      both.peer.receive(1000);
    }
    CHECK(all == 200 * 1000);
    CHECK(allocations == 0);
  });
}

TEST_CASE("what comes into a pipe is sent as it comes, until it ends or is closed") {
  const io_test::temporary_folder folder;
  const std::string path = folder.path("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  for (const bool closes : {false, true}) {
    on_core([&]() -> lull::task<> {
      auto both = co_await io_test::connected();
      const int writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // waits for no reader
      REQUIRE(writer >= 0);
      auto file = co_await lull::fs::open(path);
      REQUIRE(file);
      outcome sent;
      lull::scope scope;
      scope.spawn(send_file_into, std::ref(both.stream), std::ref(*file), std::ref(sent));
      for (const std::string_view text : {"one", "two"}) {
        CHECK(::write(writer, text.data(), text.size()) == 3);
        while (!both.peer.has_bytes()) co_await lull::yield();
        CHECK(both.peer.receive(3) == text);
      }
      CHECK(!sent);
      if (closes) {
        const auto closed = co_await file->close();
        CHECK(closed);
      }
      ::close(writer);
      co_await scope.join();
      REQUIRE(sent);
      if (closes) {
        REQUIRE(!*sent);
        CHECK_THAT(sent->message(), ContainsSubstring("send_file " + path));
      } else {
        REQUIRE(*sent);
        CHECK(**sent == 6);
      }
    });
  }
}

TEST_CASE("sending a file waited for more of it when its peer had gone") {
  const io_test::temporary_folder folder;
  const std::string path = folder.path("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  on_core([&]() -> lull::task<> {
    auto both = co_await io_test::connected(4096);
    io_test::small_send_buffer(both.stream);
    const int writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // waits for no reader
    REQUIRE(writer >= 0);
    outcome sent;
    lull::scope scope;
    scope.spawn(send_path_into, std::ref(both.stream), path, std::ref(sent));
    const std::string text = pattern(60'000);  // more than there is room for on its way
    CHECK(::write(writer, text.data(), text.size()) == 60'000);
    while (!both.peer.has_bytes()) co_await lull::yield();
    co_await lull::sleep(std::chrono::milliseconds(3));  // until there is no room
    CHECK(!sent);
    both.peer.reset();
    co_await scope.join();
    ::close(writer);
    REQUIRE(sent);
    CHECK(
        (sent->error() == std::errc::connection_reset || sent->error() == std::errc::broken_pipe));
    CHECK_THAT(sent->message(), ContainsSubstring("send_file to 127.0.0.1:") ||
                                    ContainsSubstring("send_file 127.0.0.1:"));
  });
}

TEST_CASE("where memory is short a file is not sent, and nothing is left behind") {
  test::need_allocations();
  const io_test::temporary_folder folder;
  folder.put("a", pattern(1000));
  bool met = true;
  int thrown = 0;
  for (std::size_t passes = 0; met; ++passes) {
    on_core([&]() -> lull::task<> {
      auto both = co_await io_test::connected();
      auto file = co_await lull::fs::open(folder.path("a"));
      bool throws = false;
      {
        const test::failing_allocations short_of(passes, test::failing::once);
        try {
          auto sending = lull::send_file(both.stream, *file);
          const auto sent = co_await std::move(sending);
          if (!sent || *sent != 1000) throws = true;
        } catch (const std::bad_alloc&) {
          throws = true;
        }
        met = short_of.met();
      }
      CHECK((met || !throws));
      // A checked build does without memory for its report of frames.
#ifndef LULL_CHECKED
      CHECK((throws || !met));
#endif
      if (throws) ++thrown;
      const auto again = co_await lull::send_file(both.stream, *file);
      CHECK(again);
    });
  }
  CHECK(thrown > 0);
}
