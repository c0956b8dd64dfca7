// SPDX-License-Identifier: MIT
#include "glob.hpp"

#include <algorithm>
#include <cstddef>

namespace kv {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

// Matches one byte against the class that begins behind the `[` at `at - 1`, and moves `at` past
// its `]`. A class that is never closed reaches to the end of the pattern.
bool match_class(std::string_view pattern, std::size_t& at, unsigned char c) noexcept {
  const bool inverted = at < pattern.size() && pattern[at] == '^';
  if (inverted) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      found |= byte_at(pattern, at + 1) == c;
      at += 2;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      const auto [low, high] = std::minmax({byte_at(pattern, at), byte_at(pattern, at + 2)});
      found |= low <= c && c <= high;
      at += 3;
    } else {
      found |= byte_at(pattern, at) == c;
      at += 1;
    }
  }
  if (at < pattern.size()) ++at;
  return found != inverted;
}

// Matches one byte against the element at `at` (which is no star) and moves `at` past it.
bool match_one(std::string_view pattern, std::size_t& at, unsigned char c) noexcept {
  const char element = pattern[at++];
  if (element == '?') return true;
  if (element == '[') return match_class(pattern, at, c);
  if (element == '\\' && at < pattern.size()) return byte_at(pattern, at++) == c;
  return static_cast<unsigned char>(element) == c;
}

}  // namespace

bool glob::matches(std::string_view text) noexcept {
  if (given_up_) return false;
  return matches_within(text, steps_ + steps_allowed + steps_allowed_a_byte * text.size());
}

// One star is enough to go back to: what an earlier star could take more of, the later one can
// take too.
bool glob::matches_within(std::string_view text, std::size_t most) noexcept {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t at = 0;
  std::size_t read = 0;
  std::size_t behind_star = none;
  std::size_t star_read = 0;
  for (;; ++steps_) {
    if (steps_ > most) {
      given_up_ = true;
      return false;
    }
    if (at < pattern_.size() && pattern_[at] == '*') {
      behind_star = ++at;
      star_read = read;
      continue;
    }
    if (read == text.size()) return at == pattern_.size();
    if (at < pattern_.size()) {
      const std::size_t before = at;
      const bool same = match_one(pattern_, at, byte_at(text, read));
      steps_ += at - before - 1;
      if (same) {
        ++read;
        continue;
      }
    }
    if (behind_star == none) return false;
    at = behind_star;
    read = ++star_read;
  }
}

}  // namespace kv
