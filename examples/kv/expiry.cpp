// SPDX-License-Identifier: MIT
#include "expiry.hpp"

#include <limits>

#include "command_table.hpp"

namespace kv {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

std::optional<expiry_form> expiry_form_of(std::string_view word) noexcept {
  using enum time_unit;
  if (equals_ignoring_case(word, "ex")) return expiry_form{seconds, time_base::now};
  if (equals_ignoring_case(word, "px")) return expiry_form{milliseconds, time_base::now};
  if (equals_ignoring_case(word, "exat")) return expiry_form{seconds, time_base::unix_epoch};
  if (equals_ignoring_case(word, "pxat")) return expiry_form{milliseconds, time_base::unix_epoch};
  return std::nullopt;
}

bool same(const expiry_form& left, const expiry_form& right) noexcept {
  return left.unit == right.unit && left.base == right.base;
}

}  // namespace

std::optional<set_options> parse_set_options(const arguments& words) {
  set_options options;
  for (std::size_t at = 3; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (equals_ignoring_case(word, "nx") && !options.only_present) {
      options.only_new = true;
    } else if (equals_ignoring_case(word, "xx") && !options.only_new) {
      options.only_present = true;
    } else if (equals_ignoring_case(word, "get")) {
      options.send_former = true;
    } else if (equals_ignoring_case(word, "keepttl") && !options.form) {
      options.keep_expiry = true;
    } else {
      const auto form = expiry_form_of(word);
      // The same form twice is good, and the later number counts.
      if (!form || options.keep_expiry || (options.form && !same(*options.form, *form)) ||
          at + 1 == words.size()) {
        return std::nullopt;
      }
      options.form = form;
      options.time = words[++at];
    }
  }
  return options;
}

bool parse_expire_options(const arguments& words, expire_options& options, std::string& complaint) {
  for (std::size_t at = 3; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (equals_ignoring_case(word, "nx")) {
      options.only_without = true;
    } else if (equals_ignoring_case(word, "xx")) {
      options.only_with = true;
    } else if (equals_ignoring_case(word, "gt")) {
      options.only_later = true;
    } else if (equals_ignoring_case(word, "lt")) {
      options.only_earlier = true;
    } else {
      complaint = "ERR Unsupported option ";
      complaint += word;
      return false;
    }
  }
  if (options.only_without && (options.only_with || options.only_later || options.only_earlier)) {
    complaint = "ERR NX and XX, GT or LT options at the same time are not compatible";
    return false;
  }
  if (options.only_later && options.only_earlier) {
    complaint = "ERR GT and LT options at the same time are not compatible";
    return false;
  }
  return true;
}

std::optional<std::int64_t> set_expiry(std::int64_t number, expiry_form form, std::int64_t now_ms) {
  if (number <= 0) return std::nullopt;
  return expire_expiry(number, form, now_ms);
}

std::optional<std::int64_t> expire_expiry(std::int64_t number, expiry_form form,
                                          std::int64_t now_ms) {
  if (form.unit == time_unit::seconds) {
    if (number > largest / 1000 || number < smallest / 1000) return std::nullopt;
    number *= 1000;
  }
  if (form.base == time_base::now) {
    if (number > largest - now_ms) return std::nullopt;
    number += now_ms;
  }
  return number;
}

}  // namespace kv
