// SPDX-License-Identifier: MIT
#include "file_state.hpp"

#include "../base/assert.hpp"

namespace lull::detail {

void file_state::drop() noexcept {
  check_core("dropping it");
  LULL_ASSERT(!in_use(),
              "a %s was dropped while an operation on it had not ended; await the operation, or "
              "close() the %s, which ends it",
              noun(), noun());
  abandon();
}

}  // namespace lull::detail
