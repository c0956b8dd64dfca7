// SPDX-License-Identifier: MIT
#pragma once

// What can run on a core: a ready_queue for each group of tasks, and whose turn it is. With one
// group, the ordinary case, that costs nothing. With several the group goes first that has had the
// least time for its shares; a group that had nothing to run is set to where the others are when it
// comes back, so it is not owed the past. Core-local; no atomics; a push cannot fail.

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "../base/assert.hpp"
#include "../base/clock.hpp"
#include "../base/limits.hpp"
#include "ready_queue.hpp"
#include "task_record.hpp"

namespace lull {

// Tasks that share a core with others in proportion: while both have something to run, a group with
// 1,000 shares gets ten times the time of one with 100.
struct task_group {
  const char* name = "";
  unsigned shares = 100;
};

namespace detail {

class run_queue {
 public:
  struct group {
    ready_queue ready;
    unsigned shares = 100;
    double passed = 0;  // time it has had, over its shares
  };

  // One group, or those; before anything is pushed. Stops the program for a group without shares.
  explicit run_queue(const std::vector<task_group>& groups = {})
      : groups_(groups.empty() ? 1 : groups.size()) {
    LULL_ASSERT(groups.size() <= limits::task_groups,
                "%zu groups of tasks were asked for; a core takes %zu at most", groups.size(),
                limits::task_groups);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      LULL_ASSERT(groups[i].shares != 0,
                  "the group of tasks \"%s\" has 0 shares and would never run", groups[i].name);
      all_[i].shares = groups[i].shares;
    }
  }
  run_queue(const run_queue&) = delete;
  run_queue& operator=(const run_queue&) = delete;

  std::size_t groups() const noexcept { return groups_; }
  std::size_t index_of(const group& one) const noexcept {
    return static_cast<std::size_t>(&one - all_.data());
  }

  bool empty() const noexcept {
    return all_.front().ready.empty() && (groups_ == 1 || others_are_empty());
  }

  void push(ready_node& node) noexcept {
    (groups_ == 1 ? all_.front() : group_of(node)).ready.push(node);
  }

  // The group whose turn it is, to pop one of; something can run.
  group& next() noexcept {
    group* first = &all_.front();
    if (groups_ == 1) return *first;
    for (group& one : all_) {
      if (one.ready.empty()) continue;
      if (first->ready.empty() || one.passed < first->passed) first = &one;
    }
    reached_ = first->passed;
    return *first;
  }
  // It has had so much time.
  void charge(group& one, nanoseconds time) noexcept {
    one.passed += static_cast<double>(time.count()) / one.shares;
  }

  // Calls `visit(node)` for each that can run.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const group& one : all_) one.ready.for_each(visit);
  }

 private:
  group& group_of(const ready_node& node) noexcept {
    const task_record* const task = node.state == nullptr ? nullptr : node.state->record();
    group& its = all_[task == nullptr ? 0 : task->group()];
    if (its.ready.empty() && its.passed < reached_) its.passed = reached_;
    return its;
  }
  bool others_are_empty() const noexcept {
    return std::all_of(all_.begin() + 1, all_.end(), [](auto& one) { return one.ready.empty(); });
  }

  std::array<group, limits::task_groups> all_;
  std::size_t groups_;
  double reached_ = 0;  // what the group that went last had passed
};

}  // namespace detail
}  // namespace lull
