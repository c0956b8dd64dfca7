// SPDX-License-Identifier: MIT
#pragma once

// What an error most likely comes from, and what mends it, by what was being used. Any thread.

#include "failure.hpp"

namespace lull::detail {

// A sentence without its end. Null: the error says all there is to say.
const char* cause_and_remedy(const failure& of) noexcept;

}  // namespace lull::detail
