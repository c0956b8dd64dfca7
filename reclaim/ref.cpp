// SPDX-License-Identifier: MIT
#include "ref.hpp"

#ifdef LULL_CHECKED

#include "../base/code_place.hpp"
#include "participant.hpp"

namespace lull::detail {

std::uint64_t resumptions_now() noexcept {
  const participant* here = participant::current();
  return here == nullptr ? 0 : here->resumptions();
}

void check_ref(std::uint64_t resumptions, const std::source_location& found_at,
               const void* use) noexcept {
  if (resumptions == resumptions_now()) return;
  const code_place where(use);
  LULL_ASSERT(false,
              "a ref found at %s:%u is used after a suspension, at %s+0x%llx (%s; addr2line names "
              "the line): what it points to may have been released. Make a lull::hold of it before "
              "the co_await",
              found_at.file_name(), static_cast<unsigned>(found_at.line()), where.program,
              static_cast<unsigned long long>(where.offset), where.function);
}

}  // namespace lull::detail

#endif
