// SPDX-License-Identifier: MIT
// expect: barrier() blocks, and was called on a core: co_await lull::grace_period() or
// lull::barrier()
#include <lull/reclaim/participant.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.set_context(&domain);
  me.barrier();
}
