// SPDX-License-Identifier: MIT
#pragma once

// What most programs need: a pointer to an object that somebody replaces and releases, and someone
// who moves the epoch. Here the protocol (reclaim/epoch.hpp) is driven by hand; programs that run
// whole participants use members.hpp.

#include <lull/base/atomics.hpp>
#include <lull/reclaim/epoch.hpp>

#include "../litmus.hpp"

namespace {

using lull::detail::acquire;
using lull::detail::advance_outcome;
using lull::detail::atomic;
using lull::detail::epoch_number;
using lull::detail::epoch_state;
using lull::detail::full_fence;
using lull::detail::relaxed;
using lull::detail::release;
using lull::detail::slot;

// Readers find the object until it is replaced.
struct shared_pointer {
  litmus::object old;
  atomic<int> current{1};

  // What a reader does while it is online. The pointer is published by release and read by acquire.
  void use() {
    if (current.load(acquire) == 1) old.read();
  }

  void replace() { current.store(2, release); }

  // What a writer does: unlink, close, and release once the grace period is over.
  void replace_and_release(epoch_state& epochs) {
    replace();
    full_fence();
    const epoch_number tag = epochs.close_batch();
    if (epochs.completed() > tag) old.release();
  }
};

// Moves the epoch as far as `want`, looking at `visits` slots a call.
[[maybe_unused]] inline void move(epoch_state& epochs, epoch_number want, unsigned calls,
                                  unsigned visits = 8) {
  for (; calls > 0; --calls) {
    if (epochs.advance(want, visits).outcome == advance_outcome::blocked) return;
  }
}

}  // namespace
