// SPDX-License-Identifier: MIT
// expect: synchronize() was called with 2 pins: they hold up what it waits for
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/pin.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  const lull::pin first(me);
  const lull::pin second(me);
  me.synchronize();
}
