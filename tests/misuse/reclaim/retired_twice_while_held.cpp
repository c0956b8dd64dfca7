// SPDX-License-Identifier: MIT
// expect: is retired twice: it was retired before and is not released yet
#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  auto* const object = new int(1);
  const lull::hold held(lull::ref<int>{object});
  me.retire(object);
  static_cast<void>(me.drive());
  me.retire(object);
}
