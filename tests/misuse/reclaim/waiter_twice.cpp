// SPDX-License-Identifier: MIT
// expect: a node was linked into a list while it is in one
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/waiter.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  lull::detail::barrier_waiter who([](lull::detail::waiter&) noexcept {});
  me.await_barrier(who);
  me.await_barrier(who);
}
