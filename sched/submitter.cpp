// SPDX-License-Identifier: MIT
#include "submitter.hpp"

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "core_context.hpp"

namespace lull::detail {

void submitter::request(core_context& on, completion_target* target, function fill) noexcept {
  LULL_ASSERT(!waiting(), "a submission was asked for twice");
  target_ = target;
  fill_ = fill;
  if (on.submitters.empty()) {
    if (const submission entry = on.ring->try_submission(target)) {
      fill(*this, entry);
      return;
    }
  }
  on.submitters.push(*this);
}

void submitter::withdraw() noexcept {
  if (queue_ != nullptr) queue_->remove(*this);
}

void submitter_queue::serve(ring& from) noexcept {
  while (first_ != nullptr) {
    submitter& next = *first_;
    const submission entry = from.try_submission(next.target_);
    if (!entry) return;
    remove(next);
    next.fill_(next, entry);
  }
}

void submitter_queue::push(submitter& one) noexcept {
  one.queue_ = this;
  one.next_ = nullptr;
  one.previous_ = last_;
  (last_ == nullptr ? first_ : last_->next_) = &one;
  last_ = &one;
}

void submitter_queue::remove(submitter& one) noexcept {
  (one.previous_ == nullptr ? first_ : one.previous_->next_) = one.next_;
  (one.next_ == nullptr ? last_ : one.next_->previous_) = one.previous_;
  one.queue_ = nullptr;
  one.previous_ = one.next_ = nullptr;
}

}  // namespace lull::detail
