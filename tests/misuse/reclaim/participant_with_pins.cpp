// SPDX-License-Identifier: MIT
// expect: a participant is destroyed with 2 pins, the oldest taken at
// expect: participant_with_pins.cpp:13: drop them first
#include <lull/reclaim/pin.hpp>

#include <optional>

void program() {
  lull::domain domain;
  std::optional<lull::pin> first;
  std::optional<lull::pin> second;
  lull::participant me(domain);
  first.emplace(lull::pin(me));
  second.emplace(lull::pin(me));
}
