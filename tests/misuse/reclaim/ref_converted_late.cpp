// SPDX-License-Identifier: MIT
// expect: ref_converted_late.cpp:10 is used after a suspension, at misuse-reclaim
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/ref.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 7;
  const lull::ref<int> found(&object);
  me.quiescent();
  const int* const plain = found;
  static_cast<void>(*plain);
}
