// SPDX-License-Identifier: MIT
#pragma once

// The size that keeps variables of different writers apart. A constant of ours, for the standard's
// one changes with compiler flags and would change layouts with it.

#include <cstddef>

namespace lull {

inline constexpr std::size_t cache_line = 64;

}  // namespace lull
