// SPDX-License-Identifier: MIT
#include "timeout.hpp"

namespace lull::detail {

void time_limit::begin(stop_state* above, time_point end) noexcept {
  stop_below::begin(above);
  home_ = &this_context("timeout");
  home_->timers.arm(*this, end);
}

void time_limit::end() noexcept {
  home_->timers.cancel(*this);
  stop_below::end();
}

void time_limit::is_up(timer_node& timer) noexcept {
  auto& self = static_cast<time_limit&>(timer);
  if (self.requested()) return;
  self.was_up_ = true;
  self.request();
}

}  // namespace lull::detail
