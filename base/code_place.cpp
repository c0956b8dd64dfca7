// SPDX-License-Identifier: MIT
#include "code_place.hpp"

#include <dlfcn.h>

#include <cstring>

namespace lull::detail {

code_place::code_place(const void* address) noexcept
    : program("?"),
      offset(reinterpret_cast<std::uintptr_t>(address)),
      function("a function without a name") {
  Dl_info found{};
  if (dladdr(address, &found) == 0 || found.dli_fname == nullptr) return;
  program = found.dli_fname;
  if (const char* slash = std::strrchr(program, '/')) program = slash + 1;
  offset -= reinterpret_cast<std::uintptr_t>(found.dli_fbase);
  if (found.dli_sname != nullptr) function = found.dli_sname;
}

}  // namespace lull::detail
