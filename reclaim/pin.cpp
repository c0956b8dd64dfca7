// SPDX-License-Identifier: MIT
#include "pin.hpp"

#include <utility>

#include "retire.hpp"

namespace lull {

pin::pin(std::source_location taken_at) : taken_at_(taken_at) {
  take(detail::require_current("pin"));
}

pin::pin(participant& owner, std::source_location taken_at) : taken_at_(taken_at) { take(owner); }

void pin::take(participant& owner) noexcept {
  owner.check_thread("pin()");
  LULL_ASSERT(owner.is_online(),
              "a pin was taken by a participant that is offline: call online() first");
  owner_ = &owner;
  seen_ = owner.seen_;
  taken_ = owner.clock_.now();
  taken_by_ = owner.running;
  ++owner.pins_now_;
  owner.pins_.push_back(*this);
  show_oldest(owner);
}

pin::pin(pin&& other) noexcept : taken_at_(other.taken_at_) { take_over(other); }

pin& pin::operator=(pin&& other) noexcept {
  if (this == &other) return *this;
  drop();
  taken_at_ = other.taken_at_;
  take_over(other);
  return *this;
}

void pin::take_over(pin& other) noexcept {
  owner_ = std::exchange(other.owner_, nullptr);
  seen_ = other.seen_;
  taken_ = other.taken_;
  taken_by_ = other.taken_by_;
  if (owner_ == nullptr) return;
  owner_->check_thread("moving a pin");
  replace(other);
}

void pin::drop() noexcept {
  if (owner_ == nullptr) return;
  participant& owner = *std::exchange(owner_, nullptr);
  LULL_ASSERT(owner.owner_ == &detail::current_participant,
              "a pin taken at %s:%u is dropped on another thread than the one that took it: pins "
              "stay on their core",
              taken_at_.file_name(), static_cast<unsigned>(taken_at_.line()));
  std::size_t& count = seen_ == owner.seen_ ? owner.pins_now_ : owner.pins_before_;
  LULL_ASSERT(count != 0 && (seen_ == owner.seen_ || seen_ + 1 == owner.seen_),
              "a pin of epoch %llu is dropped in epoch %llu, and is in no count",
              static_cast<unsigned long long>(seen_), static_cast<unsigned long long>(owner.seen_));
  unlink();
  // Announced at the next quiescent state, never here.
  if (--count == 0 && owner.announced_ != owner.seen_) owner.work_ = true;
  show_oldest(owner);
}

const std::source_location* participant::pinned_by(const void* task, time_point since) noexcept {
  const std::source_location* where = nullptr;
  pins_.for_each([&](const pin& one) {
    if (where == nullptr && one.taken_by_ == task && one.taken_ >= since) where = &one.taken_at_;
  });
  return where;
}

// For whoever reports a stall from another thread.
void pin::show_oldest(participant& owner) noexcept {
  detail::shown_state& shown = owner.slot_->shown;
  shown.pins.set(owner.pins_now_ + owner.pins_before_);
  if (owner.pins_.empty()) return;
  const pin& oldest = owner.pins_.front();
  shown.pinned_at.store(oldest.taken_at_, detail::relaxed);
  shown.pinned_since.set(oldest.taken_);
}

}  // namespace lull
