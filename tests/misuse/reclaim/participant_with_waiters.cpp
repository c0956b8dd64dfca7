// SPDX-License-Identifier: MIT
// expect: a participant is destroyed while something still waits for a grace period
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/waiter.hpp>

#include <optional>

void program() {
  lull::domain domain;
  lull::detail::grace_waiter who([](lull::detail::waiter&) noexcept {});
  std::optional<lull::participant> me(std::in_place, domain);
  me->await_grace(who);
  me.reset();
}
