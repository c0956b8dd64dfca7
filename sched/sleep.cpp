// SPDX-License-Identifier: MIT
#include "sleep.hpp"

#include "core.hpp"

namespace lull {

bool detail::budget_is_spent() noexcept { return core::current().budget_is_spent(); }

bool sleep::begin(detail::suspended awaiting) noexcept {
  if (!suspend(awaiting, "sleep")) return stepped_back();
  home().timers.arm(*this, later(home().now, duration_));
  return true;
}

void sleep::over(timer_node& timer) noexcept {
  auto& self = static_cast<sleep&>(timer);
  self.slept_ = true;
  self.resume_here();
}

void sleep::stopped(detail::stop_hook& hook) noexcept {
  auto& self = static_cast<sleep&>(hook);
  self.home().timers.cancel(self);
  self.resume();
}

}  // namespace lull
