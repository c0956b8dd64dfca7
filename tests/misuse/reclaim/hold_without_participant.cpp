// SPDX-License-Identifier: MIT
// expect: hold was called on a thread without a participant
#include <lull/reclaim/hold.hpp>

void program() {
  int object = 0;
  const lull::hold held(lull::ref<int>{&object});
}
