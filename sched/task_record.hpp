// SPDX-License-Identifier: MIT
#pragma once

// What a core knows of each task that runs on it, from spawning to its end: a block of the frame
// pool beside the frame of what was spawned. Core-local; tasks.hpp makes a list of it for people.

#include <cstdint>

#include "../base/clock.hpp"
#include "../base/intrusive_list.hpp"
#include "../base/limits.hpp"
#include "ready_queue.hpp"

namespace lull {
class scope;
}

namespace lull::detail {

struct task_record : list_node {
  const char* name = nullptr;         // from whoever spawned it, or null
  scope* owner = nullptr;             // what it was spawned into
  std::int64_t born_ns : 58 = 0;      // nine years of the clock
  std::uint64_t hides_first : 1 = 0;  // a coroutine of ours, which only keeps the user's callable
  std::uint64_t group : 5 = 0;        // of those that share the core
  ready_node first;                   // the coroutine that was spawned

  time_point born() const noexcept { return time_point(nanoseconds(born_ns)); }
};
static_assert(limits::task_groups <= 1U << 5);
static_assert(sizeof(task_record) <= 64, "it takes one block of the smallest size class");

using task_list = intrusive_list<task_record>;

}  // namespace lull::detail
