// SPDX-License-Identifier: MIT
#include "submitter.hpp"

#include <algorithm>
#include <cstddef>

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

void submitter::repeat(core_context& on, completion_target* target, function fill,
                       unsigned times) noexcept {
  target_ = target;
  fill_ = fill;
  const std::size_t which = std::min<std::size_t>(times, limits::repeat_pauses - 1);
  submitter_queue::repeats& later = on.submitters.repeats_[which];
  later.all.push_back(*this);
  if (!later.armed) on.timers.arm(later, on.now + limits::first_repeat * (1U << (2 * which)));
}

void submitter::repeat(core_context& on, completion_target* target, function fill) noexcept {
  repeat(on, target, fill, on.submitters.times_);
}

// Most are withdrawn at once, and wake no core for nothing.
void submitter::end_repeat(core_context& on) noexcept {
  withdraw();
  submitter_queue::repeats& first = on.submitters.repeats_.front();
  if (first.all.empty()) on.timers.cancel(first);
}

void submitter_queue::repeat_all(timer_node& self) noexcept {
  auto& me = static_cast<repeats&>(self);
  submitter_queue& among = *me.among;
  intrusive_list<submitter, submitter_queue> due;
  due.take_all(me.all);
  among.times_ = static_cast<unsigned>(&me - among.repeats_.data()) + 1;
  while (!due.empty()) {
    submitter& one = due.pop_front();
    one.request(among.home_, one.target_, one.fill_);
  }
  among.times_ = 0;
}

void submitter_queue::serve(ring& from) noexcept {
  while (!waiting_.empty()) {
    submitter& first = waiting_.front();
    const submission entry = from.try_submission(first.target_);
    if (!entry) return;
    first.withdraw();
    first.fill_(first, entry);
  }
}

}  // namespace lull::detail
