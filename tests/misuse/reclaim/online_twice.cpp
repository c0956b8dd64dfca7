// SPDX-License-Identifier: MIT
// expect: online() was called by a participant that is online
#include <lull/reclaim/participant.hpp>

int main() {
  lull::domain domain;
  lull::participant me(domain);
  me.online();
}
