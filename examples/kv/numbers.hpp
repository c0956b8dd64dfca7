// SPDX-License-Identifier: MIT
#pragma once

// Whole numbers as the Redis protocol writes them. Any thread; no allocation. The grammar is the
// strict one of the protocol (an optional minus, no plus, no leading zero, no blanks), so it is not
// a replacement for strtoll.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kv {

inline constexpr std::size_t integer_text_max = 20;  // "-9223372036854775808"

// The number that `text` is, or nothing: an empty text, "-0", "007", "+1", " 1" and what does not
// fit 64 bits are no numbers.
std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

// Writes `value` to `to`, which has room for `integer_text_max` bytes; returns how many it took.
std::size_t format_integer(std::int64_t value, char* to) noexcept;

// The cursor of SCAN: what strtoull takes, to the end of the text and without leading blanks.
std::optional<std::uint64_t> parse_cursor(std::string_view text) noexcept;

}  // namespace kv
