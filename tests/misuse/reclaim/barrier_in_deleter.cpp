// SPDX-License-Identifier: MIT
// expect: barrier() was called inside a deleter
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

struct object {
  ~object() { lull::participant::current()->barrier(); }
};

void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.retire(new object);
  static_cast<void>(me.drive());
}
