// SPDX-License-Identifier: MIT
#include "operation.hpp"

#include <memory>

namespace lull::detail {

bool operation_base::start(suspended awaiting, submitter::function fill,
                           const char* name) noexcept {
  LULL_ASSERT(state_ == state::idle, "an operation was awaited twice; make one an await");
  if (!suspend(awaiting, name)) {
    result_ = -ECANCELED;
    state_ = state::done;
    return stepped_back();
  }
  state_ = state::started;
  request(home(), this, fill);
  return true;
}

void operation_base::completed(completion_target& self, completion what) noexcept {
  static_cast<operation_base&>(self).finish(what.result);
}

bool operation_base::again(submitter::function fill) noexcept {
  if (state_ != state::started) return false;
  request(home(), this, fill);
  return true;
}

bool operation_base::again_later(submitter::function fill, std::uint8_t& times) noexcept {
  if (state_ != state::started) return false;
  repeat(home(), this, fill, times);
  return true;
}

void operation_base::stopped(stop_hook& hook) noexcept {
  static_cast<operation_base&>(hook).cancel();
}

void operation_base::cancel() noexcept {
  if (state_ != state::started) return;
  check_home();
  state_ = state::cancelling;
  std::construct_at(&cancel_answer_, *this);
  if (waiting()) {  // the kernel has not heard of it
    finish(-ECANCELED);
    return;
  }
  request(home(), &cancel_answer_, &operation_base::fill_cancel);
}

void operation_base::fill_cancel(submitter& self, submission entry) noexcept {
  auto& me = static_cast<operation_base&>(self);
  me.state_ = state::asked;
  entry.cancel(me);
}

// What was not found, or is running, may go on waiting.
void operation_base::answered(std::int32_t result) noexcept {
  if (state_ == state::answer_missing) {
    state_ = state::cancelled;
    return resume_here();
  }
  state_ = state::cancelling;
  if (result < 0) repeat(home(), &cancel_answer_, &operation_base::fill_cancel, repeats_);
}

void operation_base::finish(std::int32_t result) noexcept {
  const bool cancelled = state_ == state::cancelling || state_ == state::asked;
  result_ = result;
  if (interrupted(result)) result_ = cancelled ? -ECANCELED : -EINTR;
  // The kernel says so of what needs a thread of its own, and none can be started.
  if (result == -ECANCELED && !cancelled) result_ = -EAGAIN;
  if (state_ == state::asked) {
    state_ = state::answer_missing;
    return;
  }
  if (cancelled) end_repeat(home());
  state_ = cancelled ? state::cancelled : state::done;
  resume_here();
}

}  // namespace lull::detail
