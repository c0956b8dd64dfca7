// SPDX-License-Identifier: MIT
#pragma once

// What a core knows of each task that runs on it: a node in the frame of what was spawned, linked
// from spawning to its end. Core-local; tasks.hpp makes a list of it for people.

#include <cstddef>

#include "../base/clock.hpp"
#include "../base/intrusive_list.hpp"
#include "coroutine_state.hpp"

namespace lull {
class scope;
}

namespace lull::detail {

struct task_record : list_node {
  const char* name = nullptr;  // from whoever spawned it, or null
  scope* owner = nullptr;      // what it was spawned into
  unsigned group = 0;          // of those that share the core
  time_point born{};
};

using task_list = intrusive_list<task_record>;

}  // namespace lull::detail
