// SPDX-License-Identifier: MIT
#include "sleep.hpp"

namespace lull {

bool sleep::begin(const detail::suspended& awaiting) noexcept {
  detail::stop_state* const stop = awaiting.stop();
  if (stop != nullptr && stop->requested()) return false;
  home_ = &detail::this_context("sleep");
  waiter_.is_for(awaiting, "sleep");
  link(stop);
  home_->timers.arm(*this, later(home_->now, duration_));
  return true;
}

void sleep::over(timer_node& timer) noexcept {
  auto& self = static_cast<sleep&>(timer);
  self.slept_ = true;
  self.unlink();
  self.home_->ready.push(self.waiter_);
}

void sleep::stopped(stop_hook& hook) noexcept {
  auto& self = static_cast<sleep&>(hook);
  self.home_->timers.cancel(self);
  self.home_->ready.push(self.waiter_);
}

}  // namespace lull
