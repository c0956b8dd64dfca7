// SPDX-License-Identifier: MIT
// expect: is retired twice: it was retired before and is not released yet
// expect: Only who unlinks an object retires it
#include <lull/reclaim/retire.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  auto* const object = new int(1);
  me.retire(object);
  me.retire(object);
}
