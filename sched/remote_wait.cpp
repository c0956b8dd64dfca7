// SPDX-License-Identifier: MIT
#include "remote_wait.hpp"

#include "core.hpp"

namespace lull::detail {

bool remote_wait::suspend(suspended awaiting, const char* what) noexcept {
  this_context(what);
  waits_on_ = &core::current();
  return suspension::suspend(awaiting, what);
}

void remote_wait::release() noexcept {
  auto* const here = static_cast<core*>(core_context::current());
  if (here != nullptr && here->reaches(*waits_on_)) {
    here->send(*waits_on_, *this);
  } else {
    by_outsider_ = true;
    waits_on_->post(*this);
  }
}

void remote_wait::arrived(message& self) noexcept {
  auto& me = static_cast<remote_wait&>(self);
  // An outsider may have pushed this message and not yet have looked whether to wake the core,
  // which must not go before that. It has done with it when it has left the lock.
  if (me.by_outsider_) const std::lock_guard wait_for_it(me.guard_);
  me.resume();
}

void remote_wait::stopped(stop_hook& self) noexcept {
  auto& me = static_cast<remote_wait&>(self);
  {
    const std::lock_guard lock(me.guard_);
    if (!me.list_node::is_linked()) return;  // released already: its message is on its way
    me.list_node::unlink();
  }
  me.resume();
}

}  // namespace lull::detail
