// SPDX-License-Identifier: MIT
// expect: a hold is dropped twice, or after it was moved from: it is empty
#include <lull/reclaim/hold.hpp>

#include <utility>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 0;
  lull::hold held(lull::ref<int>{&object});
  const lull::hold other = std::move(held);
  held.drop();
}
