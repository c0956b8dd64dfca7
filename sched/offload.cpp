// SPDX-License-Identifier: MIT
#include "offload.hpp"

#include <system_error>

#include "core.hpp"

namespace lull::detail {

bool offload_wait::begin(suspended awaiting, std::unique_ptr<offloaded> call) noexcept {
  call_ = std::move(call);
  if (!suspend(awaiting, "offload")) {
    outcome_ = outcome::withdrawn;
    return stepped_back();
  }
  LULL_ASSERT(home().offloads != nullptr,
              "offload was awaited on core %u, which has no pool of threads; lull::run makes one",
              home().index);
  call_->home_ = &core::current();
  call_->waits_ = this;
  try {
    home().offloads->enter(*call_);
  } catch (...) {
    call_->fail(std::current_exception());
    outcome_ = outcome::returned;
    unlink();
    return false;
  }
  return true;
}

void offload_wait::returned() noexcept {
  outcome_ = outcome::returned;
  resume();
}

void offload_wait::stopped(stop_hook& self) noexcept {
  auto& me = static_cast<offload_wait&>(self);
  if (me.home().offloads->withdraw(*me.call_)) {
    me.outcome_ = outcome::withdrawn;
  } else {
    me.outcome_ = outcome::left;
    me.call_.release()->waits_ = nullptr;
  }
  me.resume();
}

void offload_wait::check_returned() const {
  if (outcome_ == outcome::returned) return;
  throw std::system_error(std::make_error_code(std::errc::operation_canceled),
                          outcome_ == outcome::left
                              ? "a stop was asked for while an offloaded call ran, which runs on"
                              : "a stop was asked for before an offloaded call began");
}

}  // namespace lull::detail
