// SPDX-License-Identifier: MIT
// expect: a hold was taken by a participant that is offline: call online() first
#include <lull/reclaim/hold.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  static_cast<void>(me.offline());
  int object = 0;
  const lull::hold held(lull::ref<int>{&object});
}
