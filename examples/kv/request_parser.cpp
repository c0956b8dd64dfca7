// SPDX-License-Identifier: MIT
#include "request_parser.hpp"

#include <algorithm>
#include <cstring>

#include "numbers.hpp"

namespace kv {
namespace {

// A connection keeps this much between requests, so that ten thousand idle ones stay small.
constexpr std::size_t words_of_request_kept = 8;
constexpr std::size_t unquoted_kept = 256;
// Memory for announced arguments is taken as they arrive, not as they are announced.
constexpr std::int64_t words_reserved_at_once = 1024;

}  // namespace

request_parser::outcome request_parser::refuse(std::string_view what) {
  complaint_ = "ERR Protocol error: ";
  complaint_ += what;
  return outcome::refused;
}

request_parser::outcome request_parser::parse(const char* begin, const char* end) {
  if (fresh_) {
    next_ = 0;
    words_left_ = 0;
    pending_bulk_ = -1;
    words_.clear();
    if (begin == end) return outcome::incomplete;
  }
  const outcome result = *begin == '*' ? parse_array(begin, end) : parse_inline(begin, end);
  fresh_ = result != outcome::incomplete;
  return result;
}

// Reads the decimal number at `at` and its line end, of which only the place of the second byte is
// looked at: the protocol's first implementation never compared it either.
request_parser::line request_parser::read_number(const char* at, const char* end,
                                                 std::int64_t& value, std::size_t& taken) const {
  if (end - at >= 3) {  // one digit and a line end: nearly every number there is
    const unsigned digit = static_cast<unsigned char>(at[0]) - unsigned{'0'};
    if (digit <= 9 && at[1] == '\r') {
      value = digit;
      taken = 3;
      return line::number;
    }
  }
  const auto available = static_cast<std::size_t>(end - at);
  const auto* stop =
      available == 0 ? nullptr : static_cast<const char*>(std::memchr(at, '\r', available));
  if (stop == nullptr) return available > limits_.line_size ? line::too_long : line::incomplete;
  if (stop + 1 == end) return line::incomplete;
  const auto number = parse_integer({at, static_cast<std::size_t>(stop - at)});
  if (!number) return line::not_a_number;
  value = *number;
  taken = static_cast<std::size_t>(stop - at) + 2;
  return line::number;
}

request_parser::outcome request_parser::parse_array(const char* begin, const char* end) {
  base_ = begin;
  std::int64_t value = 0;
  std::size_t taken = 0;
  if (next_ == 0) {
    const line header = read_number(begin + 1, end, value, taken);
    if (header == line::incomplete) return outcome::incomplete;
    if (header == line::too_long) return refuse("too big mbulk count string");
    if (header == line::not_a_number || value > static_cast<std::int64_t>(limits_.bulk_count)) {
      return refuse("invalid multibulk length");
    }
    next_ = 1 + taken;
    if (value <= 0) return outcome::nothing;
    words_left_ = value;
    words_.reserve(static_cast<std::size_t>(std::min(value, words_reserved_at_once)));
  }
  while (words_left_ > 0) {
    const char* at = begin + next_;
    if (pending_bulk_ < 0) {
      if (at == end) return outcome::incomplete;
      // A wrong mark is refused once its line has ended, as a wrong number is.
      const line header = read_number(*at == '$' ? at + 1 : at, end, value, taken);
      if (header == line::incomplete) return outcome::incomplete;
      if (header == line::too_long) return refuse("too big bulk count string");
      if (*at != '$') return refuse(std::string{"expected '$', got '"} + *at + "'");
      if (header == line::not_a_number || value < 0 ||
          value > static_cast<std::int64_t>(limits_.bulk_size)) {
        return refuse("invalid bulk length");
      }
      next_ += 1 + taken;
      pending_bulk_ = value;
      at = begin + next_;
    }
    if (static_cast<std::size_t>(end - at) < bulk_end()) return outcome::incomplete;
    words_.push_back({next_, static_cast<std::size_t>(pending_bulk_)});
    next_ += bulk_end();
    pending_bulk_ = -1;
    --words_left_;
  }
  return outcome::request;
}

request_parser::outcome request_parser::parse_inline(const char* begin, const char* end) {
  const auto available = static_cast<std::size_t>(end - begin);
  const auto* stop = static_cast<const char*>(std::memchr(begin, '\n', available));
  // A zero byte hides the line end behind it, as it does for redis, which searches a C string.
  if (stop == nullptr ||
      std::memchr(begin, '\0', static_cast<std::size_t>(stop - begin)) != nullptr) {
    if (available > limits_.line_size) return refuse("too big inline request");
    return outcome::incomplete;
  }
  next_ = static_cast<std::size_t>(stop - begin) + 1;
  if (stop != begin && stop[-1] == '\r') --stop;
  unquoted_.clear();
  if (!split_inline({begin, static_cast<std::size_t>(stop - begin)}, unquoted_, words_)) {
    return refuse("unbalanced quotes in request");
  }
  base_ = unquoted_.data();
  return words_.empty() ? outcome::nothing : outcome::request;
}

void request_parser::trim() {
  if (!fresh_) return;
  words_.clear();
  if (words_.capacity() > words_of_request_kept) {
    words_.shrink_to_fit();
    words_.reserve(words_of_request_kept);
  }
  if (unquoted_.capacity() > unquoted_kept) std::string{}.swap(unquoted_);
}

}  // namespace kv
