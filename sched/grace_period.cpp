// SPDX-License-Identifier: MIT
#include "grace_period.hpp"

namespace lull::detail {

void check_no_pin(const char* what) noexcept {
  this_context(what);
  participant& here = *participant::current();
  const auto* const task = static_cast<const task_record*>(here.running);
  if (task == nullptr) return;
  const std::source_location* const at = here.pinned_by(task, task->born());
  LULL_ASSERT(at == nullptr,
              "%s was awaited by a task with a pin, taken at %s:%u, which holds up what it waits "
              "for: drop the pin before",
              what, at->file_name(), static_cast<unsigned>(at->line()));
}

}  // namespace lull::detail
