// SPDX-License-Identifier: MIT
#include "descriptor_state.hpp"

#include "../base/assert.hpp"
#include "../ring/ring.hpp"

namespace lull::detail {

void descriptor_state::stop_for_core(const char* operation) const noexcept {
  detail::stop(
      __FILE__, __LINE__,
      "%s was called on a %s of core %u from %s; a %s is used and dropped on the core that "
      "made it",
      operation, noun(), home().index,
      core_context::current() == nullptr ? "a thread that is no core" : "another core", noun());
}

void descriptor_state::close(ready_node& waiter) noexcept {
  waiter.next = waiting_to_close_;
  waiting_to_close_ = &waiter;
  if (phase_ == phase::open) begin_draining();
}

void descriptor_state::abandon() noexcept {
  check_core("dropping it");
  if (phase_ == phase::closed) {
    delete this;
    return;
  }
  abandoned_ = true;
  ++home().background;
  if (phase_ == phase::open) begin_draining();
}

void descriptor_state::begin_draining() noexcept {
  phase_ = phase::draining;
  enter();
  tell_passed_by();
  let_go();
  what_ran_has_ended();  // or is cancelled with all the rest
  users_ -= one_user;
  if (users_ == 0) return begin_closing();
  if (!has_in_flight()) return;
  // What a cancel by descriptor names may have ended, and wait for its turn to run.
  repeats_ = one_in_flight() != nullptr ? 0 : 1;
  request(home(), &answer_, &descriptor_state::fill_cancel);
}

completion_target* descriptor_state::one_in_flight() noexcept {
  if (operations() == 0) return runs_by_itself();
  return operations() == 1 && runs_by_itself() == nullptr ? only_operation() : nullptr;
}

void descriptor_state::end_what_runs() noexcept {
  ending_ = true;
  repeats_ = 0;
  request(home(), &answer_, &descriptor_state::fill_cancel);
}

void descriptor_state::tell_passed_by() noexcept {
  io_.passed_by_cancels.of(descriptor_, [](passed_by& one) { one.closing(one); });
}

void descriptor_state::begin_closing() noexcept {
  phase_ = phase::closing;
  tell_passed_by();  // of polls that began meanwhile
  end_repeat(home());
  request(home(), &answer_, &descriptor_state::fill_close);
}

void descriptor_state::fill_cancel(submitter& self, submission entry) noexcept {
  auto& me = static_cast<descriptor_state&>(self);
  completion_target* const one = me.ending_ ? me.runs_by_itself() : me.one_in_flight();
  me.cancels_one_ = one != nullptr;
  if (me.cancels_one_) {
    entry.cancel(*one);
  } else {
    ++me.io_.cancels;
    entry.cancel_descriptor(me.descriptor_);
  }
  me.enter();  // until it is answered
}

void descriptor_state::fill_close(submitter& self, submission entry) noexcept {
  static_cast<descriptor_state&>(self).close_by(entry);
}

void descriptor_state::answered(std::int32_t result) noexcept {
  if (phase_ == phase::closing) {
    close_result_ = result;
    return finish();
  }
  // What was found ends; of those that a cancel by descriptor names it may have missed some. (Where
  // two are out, the last to be answered is the one that was filled in last.)
  const bool ends = cancels_one_ && result == 0;
  const bool goes_on = ending_ || (phase_ == phase::draining && has_in_flight());
  if (goes_on && !ends && !waiting()) {
    repeat(home(), &answer_, &descriptor_state::fill_cancel, repeats_);
  }
  leave();
}

void descriptor_state::finish() noexcept {
  phase_ = phase::closed;
  descriptor_ = -1;
  while (waiting_to_close_ != nullptr) {
    ready_node& waiter = *waiting_to_close_;
    waiting_to_close_ = waiter.next;
    waiter.next = ready_node::in_no_queue();
    home().ready.push(waiter);
  }
  if (abandoned_) {
    --home().background;
    delete this;
  }
}

void close_unused(core_context& on, int descriptor) noexcept {
  if (on.submitters.empty()) {
    if (submission entry = on.ring->try_submission(nullptr)) {
      entry.close(descriptor);
      return;
    }
  }
  on.ring->seam().close(descriptor);
}

}  // namespace lull::detail
