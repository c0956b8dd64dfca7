// SPDX-License-Identifier: MIT
// expect: defer was called on a thread without a participant
#include <lull/reclaim/retire.hpp>

void program() {
  lull::defer([] {});
}
