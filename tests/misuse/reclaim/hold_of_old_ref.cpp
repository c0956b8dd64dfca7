// SPDX-License-Identifier: MIT
// expect: hold_of_old_ref.cpp:9 is used after a suspension
#include <lull/reclaim/hold.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 7;
  const lull::ref<int> found(&object);
  me.quiescent();
  const lull::hold held(found);
}
