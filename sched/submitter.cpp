// SPDX-License-Identifier: MIT
#include "submitter.hpp"

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "core_context.hpp"

namespace lull::detail {

void submitter::request(core_context& on, completion_target* target, function fill) noexcept {
  LULL_ASSERT(!waiting(), "a submission was asked for twice");
  if (on.submitters.empty()) [[likely]] {
    if (const submission entry = on.ring->submission_at_once(target)) [[likely]]
      return fill(*this, entry);
  }
  request_late(on, target, fill);
}

void submitter::request_late(core_context& on, completion_target* target, function fill) noexcept {
  if (on.submitters.empty()) {
    if (const submission entry = on.ring->try_submission(target)) return fill(*this, entry);
  }
  target_ = target;
  fill_ = fill;
  on.submitters.waiting_.push_back(*this);
}

void submitter::repeat(core_context& on, completion_target* target, function fill,
                       std::uint8_t& times) noexcept {
  target_ = target;
  fill_ = fill;
  submitter_queue::repeats& later = on.submitters.repeats_[times];
  later.all.push_back(*this);
  if (!later.armed) on.timers.arm(later, on.now + limits::first_repeat * (1U << (2 * times)));
  if (times + 1U < limits::repeat_pauses) ++times;
}

void submitter::end_repeat(core_context& on) noexcept {
  if (!waiting()) return;
  withdraw();
  for (submitter_queue::repeats& later : on.submitters.repeats_) {
    if (later.all.empty()) on.timers.cancel(later);
  }
}

void submitter_queue::repeat_all(timer_node& self) noexcept {
  auto& me = static_cast<repeats&>(self);
  submitter_queue& among = *me.among;
  intrusive_list<submitter, submitter_queue> due;
  due.take_all(me.all);
  while (!due.empty()) {
    submitter& one = due.pop_front();
    one.request(among.home_, one.target_, one.fill_);
  }
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
