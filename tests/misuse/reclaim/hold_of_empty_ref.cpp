// SPDX-License-Identifier: MIT
// expect: a hold was made of an empty ref: test what find() gives
#include <lull/reclaim/hold.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  const lull::hold held(lull::ref<int>{});
}
