// SPDX-License-Identifier: MIT
#pragma once

// What programs with whole participants need: a domain, members that are joined before the threads
// start, and an object that is retired. Time bounds are off, so that a run depends on nothing but
// its schedule.

#include <lull/base/atomics.hpp>
#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include <optional>

#include "../litmus.hpp"

namespace {

using lull::detail::acquire;
using lull::detail::atomic;
using lull::detail::full_fence;
using lull::detail::relaxed;
using lull::detail::release;

inline void release_object(void* object) noexcept {
  static_cast<litmus::object*>(object)->release();
}

// Up to three members; each belongs to the thread of its index.
struct members : litmus::run {
  lull::domain domain;
  std::optional<lull::participant> member[3];
  litmus::object old;
  atomic<int> current{1};

  explicit members(unsigned joined) {
    for (unsigned i = 0; i < joined; ++i) member[i].emplace(domain);
  }

  static void turn(lull::participant& one) { one.quiescent({64, std::chrono::nanoseconds::max()}); }

  static void turns(lull::participant& one, unsigned count) {
    for (; count > 0; --count) turn(one);
  }

  void use() {
    if (current.load(acquire) == 1) old.read();
  }

  // Unlinks the object and retires it.
  void replace(lull::participant& by) {
    current.store(2, release);
    by.retire(&old, sizeof old, release_object);
  }

  // Moves the epoch on for a reason of its own.
  litmus::object other;
  void retire_other(lull::participant& by) { by.retire(&other, sizeof other, release_object); }

  // Nobody is left waiting: whoever is still a member goes through a last quiescent state.
  void after() override {
    for (std::optional<lull::participant>& one : member) {
      if (one && one->is_online()) turn(*one);
    }
    litmus::check(domain.statistics().orphans == 0,
                  "what somebody left behind was adopted by nobody");
    for (std::optional<lull::participant>& one : member) one.reset();
  }
};

}  // namespace
