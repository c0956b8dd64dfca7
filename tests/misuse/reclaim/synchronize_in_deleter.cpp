// SPDX-License-Identifier: MIT
// expect: synchronize() was called inside a deleter
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

struct object {
  ~object() { lull::participant::current()->synchronize(); }
};

void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.retire(new object);
  static_cast<void>(me.drive());
}
