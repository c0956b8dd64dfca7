// SPDX-License-Identifier: MIT
// What a reader gives, however its bytes are cut into pieces. Over sockets: buffered_receives_test.
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/buffered_reader.hpp>

#include "connected.hpp"
#include "on_core.hpp"
#include "scripted_stream.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::in_pieces;
using io_test::on_core;
using io_test::scripted_stream;
using text_reader = lull::buffered_reader<scripted_stream>;

namespace {

// Whole lines in brackets, what the end cut off in parentheses, a failure by its number.
lull::task<std::string> all_lines(text_reader& from) {
  std::string seen;
  for (;;) {
    const auto line = co_await from.read_line();
    if (!line) co_return seen + std::to_string(line.error().value());
    if (line->ended()) co_return seen + "(" + std::string(line->text()) + ")";
    seen += "[" + std::string(line->text()) + "]";
  }
}

lull::task<std::string> lines_of(std::vector<std::string> pieces, std::size_t limit, int error) {
  scripted_stream stream(std::move(pieces), error);
  text_reader from(stream, limit);
  auto reading = all_lines(from);
  co_return co_await std::move(reading);
}

// The same lines in whatever pieces they come.
lull::task<> expect_lines(std::string_view text, const char* lines, std::size_t limit = 100,
                          int error = 0) {
  for (std::size_t bytes = 1; bytes <= text.size() + 1; ++bytes) {
    auto reading = lines_of(in_pieces(text, bytes), limit, error);
    const std::string seen = co_await std::move(reading);
    CHECK(seen == lines);
  }
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    std::vector<std::string> two{std::string(text.substr(0, cut)), std::string(text.substr(cut))};
    auto reading = lines_of(std::move(two), limit, error);
    const std::string seen = co_await std::move(reading);
    CHECK(seen == lines);
  }
}

}  // namespace

TEST_CASE("lines end in a line feed, with or without a carriage return, in whatever pieces") {
  on_core([]() -> lull::task<> {
    co_await expect_lines("one\ntwo\r\n\n\r\n\rthree\r\r\nfour\n",
                          "[one][two][][][\rthree\r][four]()");
    co_await expect_lines("", "()");
    co_await expect_lines("\n", "[]()");
  });
}

TEST_CASE("a line that the end cuts off is told from a whole one") {
  on_core([]() -> lull::task<> {
    co_await expect_lines("one\ntwo", "[one](two)");
    co_await expect_lines("two\r", "(two\r)");
    scripted_stream stream({"one\ntw", "o"});
    text_reader from(stream);
    const auto one = co_await from.read_line();
    CHECK(!one->ended());
    const auto two = co_await from.read_line();
    CHECK(two->ended());
    CHECK(two->text() == "two");
    const std::size_t asked = stream.asked;
    for (int i = 0; i < 2; ++i) {
      const auto end = co_await from.read_line();
      CHECK(end->ended());
      CHECK(end->empty());
    }
    CHECK(stream.asked == asked);  // an end is an end
  });
}

TEST_CASE("what failed after a line gives the line first, and keeps what came of the next") {
  on_core([]() -> lull::task<> {
    co_await expect_lines("one\ntwo", "[one]104", 100, ECONNRESET);
    scripted_stream stream({"one\ntw", "o"}, ECONNRESET);
    text_reader from(stream);
    auto reading = all_lines(from);
    const std::string seen = co_await std::move(reading);
    CHECK(seen == "[one]104");
    CHECK(from.buffered() == 3);
    const auto left = co_await from.read_exactly(3);
    CHECK(left->text() == "two");
  });
}

TEST_CASE("a line as long as the limit is a line, a longer one a failure of its own") {
  on_core([]() -> lull::task<> {
    co_await expect_lines("12345\n", "[12345]()", 5);
    co_await expect_lines("12345\r\nab\n", "[12345][ab]()", 5);
    co_await expect_lines("12345", "(12345)", 5);
    co_await expect_lines("ab\n123456\nab\n", "[ab]75", 5);
    co_await expect_lines("ab\n123456\r\nab\n", "[ab]75", 5);
    co_await expect_lines("12345\rx\n", "75", 5);
    co_await expect_lines("12345678", "75", 5);
    co_await expect_lines("12345\r", "75",
                          5);  // the end cut it off: no line, and too long as it is
    co_await expect_lines("\n\r\n1\n", "[][]75", 0);
    co_await expect_lines("ab\r\ncd\n", "[ab][cd]()", ~std::size_t{0});
  });
}

TEST_CASE("a line that is too long is told before it ends, and can be passed over") {
  on_core([]() -> lull::task<> {
    scripted_stream stream(in_pieces(std::string(1000, 'x') + "\nnext\n", 10));
    text_reader from(stream, 32);
    const auto line = co_await from.read_line();
    CHECK(line.error() == std::errc::value_too_large);
    CHECK_THAT(line.message(), ContainsSubstring("read_line") && ContainsSubstring("raise"));
    CHECK(stream.next == 4);
    CHECK(from.buffered() == 40);  // nothing of it was taken
    const auto again = co_await from.read_line();
    CHECK(again.error() == std::errc::value_too_large);
    CHECK(stream.next == 4);
    const auto skipped = co_await from.skip(1001);
    CHECK(*skipped == 1001);
    const auto next = co_await from.read_line();
    CHECK(next->text() == "next");
  });
}

TEST_CASE("a delimiter is found wherever its bytes are cut apart") {
  on_core([]() -> lull::task<> {
    const std::string text = "head: a\r\nb\r\r\n\r\n\r\n\r\nrest";
    for (std::size_t bytes = 1; bytes <= text.size(); ++bytes) {
      scripted_stream stream(in_pieces(text, bytes));
      text_reader from(stream, 16);
      const auto head = co_await from.read_until("\r\n\r\n");
      CHECK(head->text() == "head: a\r\nb\r");
      const auto none = co_await from.read_until("\r\n\r\n");
      CHECK(none->empty());
      CHECK(!none->ended());
      const auto rest = co_await from.read_until("\r\n\r\n");
      CHECK(rest->text() == "rest");
      CHECK(rest->ended());
    }
    // One that begins within a beginning of itself, at the limit and beyond it.
    for (std::size_t limit = 1; limit <= 4; ++limit) {
      for (std::size_t bytes = 1; bytes <= 6; ++bytes) {
        scripted_stream stream(in_pieces("aaaabb", bytes));
        text_reader from(stream, limit);
        const auto found = co_await from.read_until("aab");
        CHECK(static_cast<bool>(found) == (limit >= 2));
        if (found) CHECK(found->text() == "aa");
        if (!found) CHECK(found.error() == std::errc::value_too_large);
      }
    }
  });
}

TEST_CASE("what the end of the stream cut off was given though it was longer than the limit") {
  on_core([]() -> lull::task<> {
    for (std::size_t bytes = 1; bytes <= 6; ++bytes) {
      scripted_stream stream(in_pieces("abcdef", bytes));
      text_reader from(stream, 3);
      const auto cut_off = co_await from.read_until("\r\n\r\n");
      CHECK(cut_off.error() == std::errc::value_too_large);
      CHECK(from.buffered() == 6);
    }
  });
}

TEST_CASE("as many bytes are read as were asked for, or fewer at the end") {
  on_core([]() -> lull::task<> {
    for (std::size_t bytes = 1; bytes <= 11; ++bytes) {
      scripted_stream stream(in_pieces("0123456789", bytes));
      text_reader from(stream, 8);
      const auto none = co_await from.read_exactly(0);
      CHECK(none->empty());
      CHECK(!none->ended());
      const auto too_many = co_await from.read_exactly(9);
      CHECK(too_many.error() == std::errc::value_too_large);
      CHECK_THAT(too_many.message(), ContainsSubstring("read_exactly"));
      const auto three = co_await from.read_exactly(3);
      CHECK(three->text() == "012");
      const auto shown = co_await from.peek(5);
      CHECK(shown->text() == "34567");
      const auto eight = co_await from.read_exactly(8);
      CHECK(eight->text() == "3456789");
      CHECK(eight->ended());
      const auto end = co_await from.peek();
      CHECK(end->ended());
      CHECK(end->empty());
    }
  });
}

TEST_CASE("more bytes than the limit are read into the caller's memory") {
  on_core([]() -> lull::task<> {
    const std::string text = io_test::pattern(1000);
    for (const std::size_t bytes : {1u, 7u, 64u, 1000u}) {
      scripted_stream stream(in_pieces(text, bytes));
      text_reader from(stream, 8);
      const auto shown = co_await from.peek(5);
      CHECK(shown->text() == text.substr(0, 5));
      std::string into(900, '\0');
      const auto got = co_await from.read_exactly(std::as_writable_bytes(std::span(into)));
      CHECK(*got == 900);
      CHECK(into == text.substr(0, 900));
      const auto rest = co_await from.read_exactly(std::as_writable_bytes(std::span(into)));
      CHECK(*rest == 100);
      CHECK(into.substr(0, 100) == text.substr(900));
    }
  });
}

TEST_CASE("what has come is read as it is, and passed over at will") {
  on_core([]() -> lull::task<> {
    scripted_stream stream({"abcdef", "gh", "ij"});
    text_reader from(stream);
    const auto two = co_await from.read_some(2);
    CHECK(two->text() == "ab");
    const auto four = co_await from.read_some();
    CHECK(four->text() == "cdef");
    CHECK(stream.next == 1);
    const auto skipped = co_await from.skip(3);
    CHECK(*skipped == 3);
    const auto last = co_await from.read_some();
    CHECK(last->text() == "j");
    const auto end = co_await from.read_some();
    CHECK(end->ended());
    const auto none = co_await from.skip(3);
    CHECK(*none == 0);
  });
}

TEST_CASE("a line that came in one block is a view of that block") {
  on_core([]() -> lull::task<> {
    scripted_stream stream({"one\ntwo\nthr", "ee\nfour\n"});
    text_reader from(stream);
    for (const std::size_t at : {0u, 4u}) {
      const auto line = co_await from.read_line();
      CHECK(line->text().data() == stream.last_block + at);
    }
    const auto three = co_await from.read_line();
    CHECK(three->text() == "three");
    CHECK(three->text().data() != stream.last_block);
  });
}

TEST_CASE("beyond what completes a line a block is not copied") {
  on_core([]() -> lull::task<> {
    for (const char* delimiter : {"\n", "--"}) {
      const std::string text = std::string("one") + delimiter + "two" + delimiter;
      for (std::size_t cut = 1; cut < 3 + std::string_view(delimiter).size(); ++cut) {
        scripted_stream stream({text.substr(0, cut), text.substr(cut)});
        text_reader from(stream);
        const auto one = co_await from.read_until(delimiter);
        CHECK(one->text() == "one");
        const auto two = co_await from.read_until(delimiter);
        CHECK(two->text() == "two");
        CHECK(two->text().data() == stream.last_block + text.find("two") - cut);
      }
    }
  });
}
