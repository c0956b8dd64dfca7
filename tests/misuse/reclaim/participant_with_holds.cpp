// SPDX-License-Identifier: MIT
// expect: a participant is destroyed with 1 holds, one of them taken at
// expect: participant_with_holds.cpp:13: drop them first
#include <lull/reclaim/hold.hpp>

#include <optional>

void program() {
  lull::domain domain;
  int object = 0;
  std::optional<lull::hold<int>> held;
  lull::participant me(domain);
  held.emplace(lull::hold(lull::ref<int>(&object)));
}
