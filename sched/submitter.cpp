// SPDX-License-Identifier: MIT
#include "submitter.hpp"

#include <algorithm>
#include <utility>

#include "../base/assert.hpp"
#include "../base/limits.hpp"
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

void submitter::repeat(core_context& on, completion_target* target, function fill) noexcept {
  submitter_queue& among = on.submitters;
  among.repeated_.push_back(*this);
  target_ = target;
  const bool is_new = std::exchange(fill_, fill) != fill;
  if (among.armed && !is_new) return;
  on.timers.cancel(among);
  among.pause_ = limits::first_repeat;
  on.timers.arm(among, on.now + among.pause_);
}

void submitter::end_repeat(core_context& on) noexcept {
  withdraw();
  if (on.submitters.repeated_.empty()) on.timers.cancel(on.submitters);
}

void submitter_queue::repeat_all(timer_node& self) noexcept {
  auto& me = static_cast<submitter_queue&>(self);
  if (me.repeated_.empty()) return;
  me.pause_ = std::min<nanoseconds>(2 * me.pause_, limits::last_repeat);
  me.home_.timers.arm(me, me.home_.now + me.pause_);
  intrusive_list<submitter, submitter_queue> due;
  due.take_all(me.repeated_);
  while (!due.empty()) {
    submitter& one = due.pop_front();
    one.request(me.home_, one.target_, one.fill_);
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
