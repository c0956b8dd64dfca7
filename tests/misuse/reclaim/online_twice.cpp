// SPDX-License-Identifier: MIT
// expect: online() was called by a participant that is online
#include <lull/reclaim/participant.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.online();
}
