// SPDX-License-Identifier: MIT
// expect: retire(object, bytes, function) needs a function to call
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 0;
  me.retire(&object, sizeof object, nullptr);
}
