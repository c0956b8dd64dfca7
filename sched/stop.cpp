// SPDX-License-Identifier: MIT
#include "stop.hpp"

#include <utility>

namespace lull::detail {

void stop_state::request() noexcept {
  if (requested_) return;
  requested_ = true;
  while (!hooks_.empty()) {
    stop_hook& hook = hooks_.pop_front();
    if (hook.on_stop_ != nullptr) {
      hook.on_stop_(hook);
      continue;
    }
    stop_state& below = static_cast<stop_link&>(hook).below_;
    if (!std::exchange(below.requested_, true)) hooks_.take_all_first(below.hooks_);
  }
}

}  // namespace lull::detail
