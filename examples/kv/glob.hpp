// SPDX-License-Identifier: MIT
#pragma once

// The patterns of KEYS, SCAN MATCH and CONFIG GET: `*`, `?`, `[a-z]`, `[^x]` and a backslash that
// takes the next character as it is. One thread; no allocation, no recursion. A match takes up to
// |pattern| x |text| steps, which a client chooses, so it is given up where it takes more than a
// fixed number and 16 for each byte of the text: patterns of up to 15 bytes never come to that.
// Bytes, not characters of an encoding.

#include <cstddef>
#include <string_view>

namespace kv {

class glob {
 public:
  // The pattern's bytes must stay.
  explicit glob(std::string_view pattern) noexcept : pattern_(pattern) {}

  // False, too, where it is given up, and from then on.
  bool matches(std::string_view text) noexcept;
  bool given_up() const noexcept { return given_up_; }
  // Taken so far: bytes of the pattern that were looked at, one or two nanoseconds each.
  std::size_t steps() const noexcept { return steps_; }

 private:
  static constexpr std::size_t steps_allowed = std::size_t{16} << 10;
  static constexpr std::size_t steps_allowed_a_byte = 16;

  bool matches_within(std::string_view text, std::size_t most) noexcept;

  std::string_view pattern_;
  std::size_t steps_ = 0;
  bool given_up_ = false;
};

inline bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  return glob{pattern}.matches(text);
}

}  // namespace kv
