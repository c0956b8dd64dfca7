// SPDX-License-Identifier: MIT
// expect: drive() was called by a participant that is offline: call online() first
#include <lull/reclaim/participant.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  static_cast<void>(me.offline());
  static_cast<void>(me.drive());
}
