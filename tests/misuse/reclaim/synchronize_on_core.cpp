// SPDX-License-Identifier: MIT
// expect: synchronize() blocks, and was called on a core: co_await lull::grace_period()
#include <lull/reclaim/participant.hpp>

// Whoever drives a participant sets its context: so does a core.
void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.set_context(&domain);
  me.synchronize();
}
