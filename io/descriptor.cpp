// SPDX-License-Identifier: MIT
#include "descriptor.hpp"

#include "../ring/kernel.hpp"
#include "../ring/ring.hpp"
#include "../sched/core_context.hpp"

namespace lull {

void descriptor::reset() noexcept {
  if (number_ < 0) return;
  const detail::core_context* const here = detail::core_context::current();
  kernel& seam = here == nullptr ? real_kernel() : here->ring->seam();
  seam.close(std::exchange(number_, -1));
}

}  // namespace lull
