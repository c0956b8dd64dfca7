// SPDX-License-Identifier: MIT
#pragma once

// Who waits for reclamation without blocking: nodes that the waiting side brings, so waiting
// allocates nothing. A participant calls `ready` in a quiescent state, with the node already out of
// its list; it resumes nothing there, but queues. Unlinking a node cancels the wait, at any time,
// on the participant's thread. reclaim/ knows no coroutines: sched/ makes awaitables of these.

#include <cstddef>
#include <cstdint>

#include "../base/intrusive_list.hpp"
#include "limbo.hpp"

namespace lull {

class participant;

namespace detail {

struct waiter : list_node {
  using function = void (*)(waiter&) noexcept;
  explicit waiter(function f) noexcept : ready(f) {}
  const function ready;
};

// Until a full grace period has passed.
struct grace_waiter : waiter {
  using waiter::waiter;
  epoch_number want = 0;  // what `complete` must come to
};

// Until all that the participant had retired has been released: first what is in limbo, then what
// was found held, then what was sent home.
struct barrier_waiter : waiter {
  using waiter::waiter;
  enum class stage : std::uint8_t { unmarked, limbo, held, homes };
  stage at = stage::unmarked;
  std::uint64_t entries = 0;  // what must have left limbo, of each queue
  std::uint64_t linked = 0;
  std::uint64_t held_mark = 0;   // the last of what was kept until then
  std::uint64_t turns_mark = 0;  // of the homes' debts
};

// Until so many bytes may be retired. They are kept for who waited until that one comes to it, or
// gives it up, which it tells by participant::take_up_admission().
struct admission_waiter : waiter {
  using waiter::waiter;
  std::size_t bytes = 0;
};

}  // namespace detail
}  // namespace lull
