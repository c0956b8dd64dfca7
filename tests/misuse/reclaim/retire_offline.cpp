// SPDX-License-Identifier: MIT
// expect: retire() was called by a participant that is offline
#include <lull/reclaim/retire.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  static_cast<void>(me.offline());
  lull::retire(new int);
}
