// SPDX-License-Identifier: MIT
// expect: retire() was called by a participant that is offline
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

struct object : lull::homed<object> {};

void program() {
  lull::domain domain;
  lull::participant me(domain);
  static_cast<void>(me.offline());
  me.retire(new object);
}
