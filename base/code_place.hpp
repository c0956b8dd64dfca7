// SPDX-License-Identifier: MIT
#pragma once

// Where an address of code is, for messages: the program or library, the offset that addr2line
// takes, and the function if its name is to be had. Any thread; costs a search of the loaded
// libraries.

#include <cstdint>

namespace lull::detail {

struct code_place {
  explicit code_place(const void* address) noexcept;

  const char* program;  // without its folder
  std::uintptr_t offset;
  const char* function;
};

}  // namespace lull::detail
