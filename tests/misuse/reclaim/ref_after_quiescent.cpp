// SPDX-License-Identifier: MIT
// expect: ref_after_quiescent.cpp:12 is used after a suspension, at misuse-reclaim
// expect: addr2line names the line): what it points to may have been released
// expect: Make a lull::hold of it before the co_await
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/ref.hpp>

void program() {
  lull::domain domain;
  lull::participant me(domain);
  int object = 7;
  const lull::ref<int> found(&object);
  if (*found != 7) return;  // at once it may be used
  me.quiescent();
  static_cast<void>(*found);
}
