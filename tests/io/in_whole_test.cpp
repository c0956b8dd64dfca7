// SPDX-License-Identifier: MIT
// What moves all of something, over a kernel that always stops short: what is left follows.
#include <lull/io/in_whole.hpp>

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/open.hpp>

#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"
#include "unix_pair.hpp"

using io_test::on_core;
using io_test::pattern;

namespace {

// What comes, until so much is there.
lull::task<std::string> receive_text(lull::unix_stream& from, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    const auto got = co_await from.receive();
    REQUIRE(got);
    if (got->empty()) break;
    text += got->text();
  }
  co_return text;
}

}  // namespace

TEST_CASE("bytes that a short send leaves follow, from one place and in the middle of several") {
  for (const unsigned most : {1U, 7U, 64U}) {
    test::short_kernel kernel(most);
    on_core(
        {},
        []() -> lull::task<> {
          auto both = co_await io_test::unix_connected();
          const std::string text = pattern(100);
          const auto sent = co_await both.near.send_all(text);
          CHECK(sent);
          auto receiving = receive_text(both.far, text.size());
          const std::string got = co_await std::move(receiving);
          CHECK(got == text);

          // Empty places among them, and places shorter and longer than a send.
          const auto bytes = std::as_bytes(std::span(text));
          const std::vector<std::span<const std::byte>> places = {{},
                                                                  bytes.first(1),
                                                                  bytes.subspan(1, 40),
                                                                  {},
                                                                  bytes.subspan(41, 7),
                                                                  bytes.subspan(48, 3),
                                                                  bytes.subspan(51),
                                                                  {}};
          const auto parts = co_await both.near.send_all(places);
          CHECK(parts);
          auto receiving_parts = receive_text(both.far, text.size());
          const std::string got_parts = co_await std::move(receiving_parts);
          CHECK(got_parts == text);
        },
        kernel);
    CHECK(kernel.shortened() > 0);
  }
}

TEST_CASE("bytes that a short read or write leaves follow, each at its own offset") {
  const io_test::temporary_folder folder;
  const std::string text = pattern(300);
  test::short_kernel kernel(7);
  on_core(
      {},
      [&]() -> lull::task<> {
        auto file = co_await lull::fs::open(folder.path("a"), O_RDWR | O_CREAT);
        REQUIRE(file);
        const auto wrote = co_await file->write_all(text, 10);
        CHECK(wrote);
        const auto appended = co_await file->append("and the rest of it");
        CHECK(appended);
        std::string back(text.size(), ' ');
        const auto read = co_await file->read_exactly(std::as_writable_bytes(std::span(back)), 10);
        CHECK(read);
        CHECK(back == text);
      },
      kernel);
  CHECK(folder.get("a") == std::string(10, '\0') + text + "and the rest of it");
  CHECK(kernel.shortened() > 0);
}
