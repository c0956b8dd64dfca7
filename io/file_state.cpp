// SPDX-License-Identifier: MIT
#include "file_state.hpp"

#include <algorithm>

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

// A device has little to do while what it has answered waits for the end of the iteration. What
// the kernel answers at once is cheaper together, and is looked at now and then. What has no path,
// such as an end of pipe(), is no device.
void file_state::look_at(const completion_target& operation) noexcept {
  ring& through = *home().ring;
  if (kind_ != failure::thing::path || through.unsubmitted() < limits::least_together) {
    until_look_ = 1;
    return;
  }
  const bool at_once = through.submit_and_see(operation);
  if (through.unsubmitted() != 0) {  // the kernel takes no more now, and shall not be asked again
    until_look_ = limits::most_together;
    return;
  }
  together_ = at_once ? std::min<std::uint8_t>(2 * together_, limits::most_together)
                      : limits::least_together;
  until_look_ = together_;
}

}  // namespace lull::detail
