// SPDX-License-Identifier: MIT
// expect: barrier() was called with 1 pins: they hold up what it waits for
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/pin.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  const lull::pin walk(me);
  me.barrier();
}
