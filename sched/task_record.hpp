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
  const char* name = nullptr;  // from whoever spawned it, or null
  scope* owner = nullptr;      // what it was spawned into
  ready_node first;            // the coroutine that was spawned

  void is_spawned(time_point now, unsigned in_group, bool hides) noexcept {
    const auto ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
    packed_ = ns << born_shift | (hides ? hides_bit : 0) | in_group;
  }
  // Of those that share the core.
  unsigned group() const noexcept { return static_cast<unsigned>(packed_ & (hides_bit - 1)); }
  // `first` is a coroutine of ours, which only keeps the user's callable.
  bool hides_first() const noexcept { return (packed_ & hides_bit) != 0; }
  time_point born() const noexcept {
    return time_point(nanoseconds(static_cast<std::int64_t>(packed_ >> born_shift)));
  }

 private:
  static constexpr std::uint64_t hides_bit = 1U << 5;
  static constexpr unsigned born_shift = 6;  // leaves nine years of the clock
  static_assert(limits::task_groups <= hides_bit);

  std::uint64_t packed_ = 0;
};
static_assert(sizeof(task_record) <= 64, "it takes one block of the smallest size class");

using task_list = intrusive_list<task_record>;

}  // namespace lull::detail
