// SPDX-License-Identifier: MIT
#include <optional>

#include "request_parser.hpp"

namespace kv {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

char unescape(char c) noexcept {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads what stands between double quotes from `at` on, and leaves `at` behind the closing one.
bool read_double_quoted(std::string_view line, std::size_t& at, std::string& text) {
  for (; at < line.size(); ++at) {
    const std::string_view rest = line.substr(at);
    if (rest[0] == '"') {
      ++at;
      return at == line.size() || is_blank(line[at]);
    }
    if (rest[0] != '\\' || rest.size() < 2) {
      text += rest[0];
      continue;
    }
    if (rest[1] == 'x' && rest.size() >= 4) {
      const auto high = hex_digit(rest[2]);
      const auto low = hex_digit(rest[3]);
      if (high && low) {
        text += static_cast<char>(*high * 16 + *low);
        at += 3;
        continue;
      }
    }
    text += unescape(rest[1]);
    ++at;
  }
  return false;
}

bool read_single_quoted(std::string_view line, std::size_t& at, std::string& text) {
  for (; at < line.size(); ++at) {
    if (line[at] == '\'') {
      ++at;
      return at == line.size() || is_blank(line[at]);
    }
    if (line[at] == '\\' && at + 1 < line.size() && line[at + 1] == '\'') ++at;
    text += line[at];
  }
  return false;
}

// Reads one word: plain bytes, which a quote may follow without a blank, up to the next blank.
bool read_word(std::string_view line, std::size_t& at, std::string& text) {
  for (; at < line.size() && !is_blank(line[at]); ++at) {
    if (line[at] == '"') return read_double_quoted(line, ++at, text);
    if (line[at] == '\'') return read_single_quoted(line, ++at, text);
    text += line[at];
  }
  return true;
}

}  // namespace

bool split_inline(std::string_view line, std::string& text, std::vector<slice>& words) {
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size()) return true;
    const std::size_t start = text.size();
    if (!read_word(line, at, text)) return false;
    words.push_back({start, text.size() - start});
  }
}

}  // namespace kv
