// SPDX-License-Identifier: MIT
#pragma once

// Reads expiry times and the options of SET and EXPIRE out of a request. Any thread; nothing is
// changed and nothing allocated but the text of a complaint.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "request_parser.hpp"

namespace kv {

enum class time_unit : std::uint8_t { seconds, milliseconds };
enum class time_base : std::uint8_t { now, unix_epoch };

struct expiry_form {
  time_unit unit;
  time_base base;
};

// The options behind key and value of SET.
struct set_options {
  bool only_new = false;      // NX
  bool only_present = false;  // XX
  bool keep_expiry = false;   // KEEPTTL
  bool send_former = false;   // GET
  std::optional<expiry_form> form;
  std::string_view time;  // the number behind EX, PX, EXAT or PXAT
};

// Nothing: a syntax error.
std::optional<set_options> parse_set_options(const arguments& words);

// The options behind key and time of EXPIRE.
struct expire_options {
  bool only_without = false;  // NX
  bool only_with = false;     // XX
  bool only_later = false;    // GT
  bool only_earlier = false;  // LT
};

// False: `complaint` says what is wrong.
bool parse_expire_options(const arguments& words, expire_options& options, std::string& complaint);

// The Unix time in milliseconds that a number of SET and its relatives means; nothing where it is
// zero, negative or too large.
std::optional<std::int64_t> set_expiry(std::int64_t number, expiry_form form, std::int64_t now_ms);
// The same for EXPIRE and its relatives, for which times in the past are good.
std::optional<std::int64_t> expire_expiry(std::int64_t number, expiry_form form,
                                          std::int64_t now_ms);

}  // namespace kv
