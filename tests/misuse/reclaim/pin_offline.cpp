// SPDX-License-Identifier: MIT
// expect: a pin was taken by a participant that is offline: call online() first
#include <lull/reclaim/pin.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  static_cast<void>(me.offline());
  const lull::pin pinned(me);
}
