// SPDX-License-Identifier: MIT
#pragma once

// What programs with holds, pins and homes need besides members.hpp. The threads of a program share
// one thread of the system, so who takes or drops a hold, or makes an object that has a home, is
// made the current participant just before.

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/ref.hpp>
#include <lull/reclaim/retirable.hpp>

#include "members.hpp"

namespace {

using object_hold = lull::hold<litmus::object>;

[[maybe_unused]] inline object_hold hold_by(lull::participant& owner, litmus::object& one) {
  lull::participant::set_current(&owner);
  return object_hold{lull::ref<litmus::object>(&one)};
}

[[maybe_unused]] inline void drop_by(lull::participant& owner, object_hold& one) {
  lull::participant::set_current(&owner);
  one.drop();
}

// Goes online where it is not, and through so many quiescent states.
[[maybe_unused]] inline void come_and_turn(lull::participant& one, unsigned count) {
  if (!one.is_online()) one.online();
  members::turns(one, count);
}

}  // namespace
