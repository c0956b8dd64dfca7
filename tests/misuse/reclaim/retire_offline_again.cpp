// SPDX-License-Identifier: MIT
// expect: retire() was called by a participant that is offline
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

// A run of the same type was being written when the participant went offline.
void program() {
  lull::domain domain;
  lull::participant me(domain);
  me.retire(new int);
  static_cast<void>(me.offline());
  me.retire(new int);
}
