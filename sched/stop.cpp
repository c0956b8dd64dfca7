// SPDX-License-Identifier: MIT
#include "stop.hpp"

#include <utility>

namespace lull::detail {

void stop_state::request() noexcept {
  if (requested_) return;
  requested_ = true;
  while (first_ != nullptr) {
    stop_hook& hook = *first_;
    hook.unlink();
    if (hook.on_stop_ == nullptr) {
      tell_first(static_cast<stop_link&>(hook).below_);
    } else {
      hook.on_stop_(hook);
    }
  }
}

void stop_state::tell_first(stop_state& below) noexcept {
  if (std::exchange(below.requested_, true) || below.first_ == nullptr) return;
  for (stop_hook* hook = below.first_; hook != nullptr; hook = hook->next_) hook->state_ = this;
  below.last_->next_ = first_;
  (first_ == nullptr ? last_ : first_->previous_) = below.last_;
  first_ = std::exchange(below.first_, nullptr);
  below.last_ = nullptr;
}

}  // namespace lull::detail
