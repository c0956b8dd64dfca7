// SPDX-License-Identifier: MIT
#include "file_state.hpp"

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "limits.hpp"

namespace lull::detail {

void file_state::drop() noexcept {
  check_core("dropping it");
  LULL_ASSERT(!in_use(),
              "a %s was dropped while an operation on it had not ended; await the operation, or "
              "close() the %s, which ends it",
              noun(), noun());
  abandon();
}

// The device has little to do while what it has answered waits for the end of the iteration.
void file_state::hand_over() noexcept {
  ring& through = *home().ring;
  if (through.unsubmitted() >= limits::direct_at_a_time) through.submit();
}

}  // namespace lull::detail
