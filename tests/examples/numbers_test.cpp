// SPDX-License-Identifier: MIT
#include "../../examples/kv/numbers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <string>

using kv::parse_cursor;
using kv::parse_integer;

TEST_CASE("a number is what the protocol writes, and nothing else") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-1") == -1);
  CHECK(parse_integer("1234567890") == 1234567890);
  for (const char* text :
       {"", "-", "-0", "00", "007", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "a"}) {
    INFO(text);
    CHECK_FALSE(parse_integer(text));
  }
}

TEST_CASE("a number is refused as soon as it leaves 64 bits") {
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(parse_integer("9223372036854775808"));
  CHECK_FALSE(parse_integer("-9223372036854775809"));
  CHECK_FALSE(parse_integer("18446744073709551616"));
  CHECK_FALSE(parse_integer("99999999999999999999"));
  CHECK_FALSE(parse_integer("123456789012345678901234567890"));
}

TEST_CASE("what is written as a number is read back") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-7}, std::int64_t{10},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    char digits[kv::integer_text_max];
    CHECK(parse_integer({digits, kv::format_integer(value, digits)}) == value);
  }
}

TEST_CASE("a cursor may use all 64 bits and has nothing behind it") {
  CHECK(parse_cursor("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK(parse_cursor("0") == 0);
  CHECK_FALSE(parse_cursor("18446744073709551616"));
  CHECK_FALSE(parse_cursor(""));
  CHECK_FALSE(parse_cursor("12x"));
  CHECK_FALSE(parse_cursor(" 1"));
}
