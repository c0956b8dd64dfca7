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
  io_.passed_by_cancels.for_each([this](passed_by& one) {
    if (one.uses(descriptor_)) one.closing(one);
  });
  let_go();
  end_repeat(home());
  if (users_ > 1) {  // more than this call: something is in flight
    request(home(), &closer_, &descriptor_state::fill_cancel);
  }
  leave();
}

void descriptor_state::begin_closing() noexcept {
  phase_ = phase::closing;
  end_repeat(home());
  request(home(), &closer_, &descriptor_state::fill_close);
}

void descriptor_state::fill_cancel(submitter& self, submission entry) noexcept {
  auto& me = static_cast<descriptor_state&>(self);
  ++me.io_.cancels;
  me.enter();  // until it has completed
  entry.cancel_descriptor(me.descriptor_);
}

void descriptor_state::fill_close(submitter& self, submission entry) noexcept {
  static_cast<descriptor_state&>(self).close_by(entry);
}

void descriptor_state::closer::done(completion_target& self, completion what) noexcept {
  descriptor_state& owner = static_cast<closer&>(self).owner;
  if (owner.phase_ == phase::draining) {
    if (owner.users_ > 1) {  // more than this cancel
      owner.repeat(owner.home(), &owner.closer_, &descriptor_state::fill_cancel, owner.cancelled_);
      if (owner.cancelled_ < limits::repeat_pauses) ++owner.cancelled_;
    }
    owner.leave();
  } else {
    owner.close_result_ = what.result;
    owner.finish();
  }
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
