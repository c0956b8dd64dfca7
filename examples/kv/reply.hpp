// SPDX-License-Identifier: MIT
#pragma once

// Writes RESP2 replies at the end of a byte_buffer. Used by the core that owns the buffer at the
// moment. Costs a copy of the bytes and, within the buffer's capacity, no allocation. It knows no
// commands and sends nothing.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "byte_buffer.hpp"
#include "numbers.hpp"

namespace kv {

class reply {
 public:
  explicit reply(byte_buffer& to) noexcept : to_(to) {}

  // Replies within so many bytes cannot throw from here on.
  void reserve(std::size_t bytes) { to_.reserve_more(bytes); }

  void ok() { to_.append("+OK\r\n"); }
  void null() { to_.append("$-1\r\n"); }
  void status(std::string_view text) { line('+', text); }
  // `text` begins with its code: "ERR syntax error". Line breaks in it become blanks.
  void error(std::string_view text);
  void integer(std::int64_t value) { number(':', value); }
  void array(std::size_t count) { number('*', static_cast<std::int64_t>(count)); }

  void bulk(std::string_view text) {
    char* at = to_.extend(text.size() + integer_text_max + 5);
    const char* const start = at;
    *at++ = '$';
    at += format_length(text.size(), at);
    *at++ = '\r';
    *at++ = '\n';
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
    *at++ = '\r';
    *at++ = '\n';
    to_.commit(static_cast<std::size_t>(at - start));
  }

 private:
  void line(char mark, std::string_view text);
  void number(char mark, std::int64_t value) {
    char* at = to_.extend(integer_text_max + 3);
    std::size_t written = 1;
    at[0] = mark;
    written += format_integer(value, at + 1);
    at[written++] = '\r';
    at[written++] = '\n';
    to_.commit(written);
  }
  // Most values are short: one and two digits are written without a division loop.
  static std::size_t format_length(std::size_t length, char* to) noexcept {
    if (length < 10) {
      to[0] = static_cast<char>('0' + length);
      return 1;
    }
    if (length < 100) {
      to[0] = static_cast<char>('0' + length / 10);
      to[1] = static_cast<char>('0' + length % 10);
      return 2;
    }
    return format_integer(static_cast<std::int64_t>(length), to);
  }

  byte_buffer& to_;
};

}  // namespace kv
