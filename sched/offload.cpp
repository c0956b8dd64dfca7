// SPDX-License-Identifier: MIT
#include "offload.hpp"

#include <system_error>

#include "core.hpp"

namespace lull::detail {

bool offload_wait::begin(const suspended& awaiting, std::unique_ptr<offloaded> call) noexcept {
  stop_state* const stop = awaiting.stop();
  call_ = std::move(call);
  if (stop != nullptr && stop->requested()) {
    outcome_ = outcome::withdrawn;
    return false;
  }
  core& here = core::current();
  LULL_ASSERT(here.offloads != nullptr,
              "offload was awaited on core %u, which has no pool of threads; lull::run makes one",
              here.index);
  home_ = &here;
  waiter_.is_for(awaiting, "offload");
  call_->home_ = &here;
  call_->waits_ = this;
  try {
    here.offloads->enter(*call_);
  } catch (...) {
    call_->fail(std::current_exception());
    outcome_ = outcome::returned;
    return false;
  }
  link(stop);
  return true;
}

void offload_wait::returned() noexcept {
  outcome_ = outcome::returned;
  unlink();
  home_->ready.push(waiter_);
}

void offload_wait::stopped(stop_hook& self) noexcept {
  auto& me = static_cast<offload_wait&>(self);
  if (me.home_->offloads->withdraw(*me.call_)) {
    me.outcome_ = outcome::withdrawn;
  } else {
    me.outcome_ = outcome::left;
    me.call_.release()->waits_ = nullptr;
  }
  me.home_->ready.push(me.waiter_);
}

void offload_wait::check_returned() const {
  if (outcome_ == outcome::returned) return;
  throw std::system_error(std::make_error_code(std::errc::operation_canceled),
                          outcome_ == outcome::left
                              ? "a stop was asked for while an offloaded call ran, which runs on"
                              : "a stop was asked for before an offloaded call began");
}

}  // namespace lull::detail
