// SPDX-License-Identifier: MIT
#pragma once

// The patterns of KEYS, SCAN MATCH and CONFIG GET: `*`, `?`, `[a-z]`, `[^x]` and a backslash that
// takes the next character as it is. Any thread; no allocation, no recursion, and time at most
// |pattern| x |text|, however many stars a client sends. Bytes, not characters of an encoding.

#include <string_view>

namespace kv {

bool glob_match(std::string_view pattern, std::string_view text) noexcept;

}  // namespace kv
