// SPDX-License-Identifier: MIT
#pragma once

// Removes expired keys of one core all the time that it runs, so that keys which nobody asks for
// again do not stay. A coroutine of that core. Where few keys have expired it looks at a portion of
// the table ten times a second, well below a millisecond; the more it finds, the more portions, and
// others run in between.

#include <lull/sched/task.hpp>

#include <chrono>
#include <cstddef>

#include "core_state.hpp"

namespace kv {

inline constexpr std::chrono::milliseconds expiry_pause{100};
// Slots that a portion looks at.
inline constexpr std::size_t expiry_steps = 4096;
// Portions between two pauses, which is a share of about a quarter of the core.
inline constexpr unsigned expiry_portions = 128;

// Until a stop is asked of it; throws nothing. Where memory runs out, nothing is lost: what could
// not be removed is met again after the pause.
lull::task<> expire_keys(core_state* here);

}  // namespace kv
