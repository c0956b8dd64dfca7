// SPDX-License-Identifier: MIT
// expect: is retired twice: it was retired before and is not released yet
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

struct object : lull::retirable<object> {};

void program() {
  lull::domain domain;
  lull::participant me(domain);
  auto* const one = new object;
  me.retire(one);
  me.retire(one);
}
