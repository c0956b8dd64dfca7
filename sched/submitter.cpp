// SPDX-License-Identifier: MIT
#include "submitter.hpp"

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "core_context.hpp"

namespace lull::detail {

void submitter::request(core_context& on, completion_target* target, function fill) noexcept {
  LULL_ASSERT(!waiting(), "a submission was asked for twice");
  if (on.submitters.empty()) {
    if (const submission entry = on.ring->try_submission(target)) {
      fill(*this, entry);
      return;
    }
  }
  target_ = target;
  fill_ = fill;
  on.submitters.waiting_.push_back(*this);
}

void submitter_queue::serve(ring& from) noexcept {
  while (!waiting_.empty()) {
    submitter& next = waiting_.front();
    const submission entry = from.try_submission(next.target_);
    if (!entry) return;
    next.withdraw();
    next.fill_(next, entry);
  }
}

}  // namespace lull::detail
