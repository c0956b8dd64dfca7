// SPDX-License-Identifier: MIT
#include "ref.hpp"

#ifdef LULL_CHECKED

#include <dlfcn.h>

#include <cstring>

#include "participant.hpp"

namespace lull::detail {

std::uint64_t resumptions_now() noexcept {
  const participant* here = participant::current();
  return here == nullptr ? 0 : here->resumptions();
}

void check_ref(std::uint64_t resumptions, const std::source_location& found_at,
               const void* use) noexcept {
  if (resumptions == resumptions_now()) return;
  Dl_info where{};
  const bool known = dladdr(use, &where) != 0 && where.dli_fname != nullptr;
  const char* program = known ? where.dli_fname : "?";
  if (const char* slash = std::strrchr(program, '/')) program = slash + 1;
  const auto offset = reinterpret_cast<std::uintptr_t>(use) -
                      (known ? reinterpret_cast<std::uintptr_t>(where.dli_fbase) : 0);
  LULL_ASSERT(false,
              "a ref found at %s:%u is used after a suspension, at %s+0x%llx (%s; addr2line names "
              "the line): what it points to may have been released. Make a lull::hold of it before "
              "the co_await",
              found_at.file_name(), static_cast<unsigned>(found_at.line()), program,
              static_cast<unsigned long long>(offset),
              known && where.dli_sname != nullptr ? where.dli_sname : "a function without a name");
}

}  // namespace lull::detail

#endif
