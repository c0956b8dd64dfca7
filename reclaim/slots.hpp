// SPDX-License-Identifier: MIT
#pragma once

// The slots of a domain: what a participant shows to the others. Its first cache line is what walks
// read, the epoch it announced and whether it holds something; the others are what is sent home to
// it, and its counters. A slot never moves and is freed with the domain; one that was given back is
// taken again by the next who joins. Joining walks the list and is meant to be rare. Any thread may
// call join(); the rest is for the slot's owner and for epoch_state, which walks over all of them.
//
// | variable    | written by                | read by            | pairings                       |
// |-------------|---------------------------|--------------------|--------------------------------|
// | announced   | its owner                 | who holds the walk | announce, online, offline      |
// | owned       | who joins, who leaves     | the same, ~domain  | join_slot with leave_slot      |
// | next        | who joins, once, by a CAS | who joins, walks   | append_slot with itself        |
// | incarnation | who joins, who leaves     | who sends home     | none: see home.hpp             |
// | reported    | who reports a stall       | the same           | none                           |
// | yield_asked | who is held up            | its owner          | none: a hint                   |
// | homecoming, cells, shown: see home.hpp, hold_cells.hpp, statistics.hpp                       |

#include <cstddef>
#include <cstdint>

#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"
#include "hold_cells.hpp"
#include "home.hpp"
#include "statistics.hpp"

namespace lull::detail {

// A domain's counter as it stood at some moment. 0 is no epoch: a slot with 0 is offline.
using epoch_number = std::uint64_t;

struct alignas(cache_line) slot {
  atomic<epoch_number> announced{0};  // the last epoch its owner announced; 0: offline
  atomic<bool> owned{false};
  atomic<epoch_number> yield_asked{0};  // somebody waits for the owner to see that epoch
  atomic<slot*> next{nullptr};
  hold_cells cells;

  alignas(cache_line) home_box homecoming;
  atomic<std::uint32_t> incarnation{0};  // how many have joined and left
  home_debts debts;

  alignas(cache_line) shown_state shown;
  atomic<std::int64_t> reported{0};  // ns of the clock: the last stall report about the owner

  // The owner's: what was made here before is at home no more.
  std::uint32_t begin_incarnation() noexcept {
    const std::uint32_t fresh = incarnation.load(relaxed) + 1;
    incarnation.store(fresh, relaxed);
    return fresh;
  }
};

class slot_list {
 public:
  slot_list() = default;
  ~slot_list();
  slot_list(const slot_list&) = delete;
  slot_list& operator=(const slot_list&) = delete;

  // Takes a free slot or appends one; it is offline. Throws std::bad_alloc with nothing changed.
  slot& join();

  // Gives back a slot that is offline. The caller does not touch it again.
  static void leave(slot& mine) noexcept;

  // The first slot lies in the list itself, so there always is one.
  slot& first() noexcept { return first_; }

  // Calls `visit(slot)` for each there is.
  template <class Visit>
  void for_each(Visit visit) const {
    // order(append_slot): acquire, pairs with the release in join: slots are read after they were
    // made.
    for (const slot* at = &first_; at != nullptr; at = at->next.load(acquire)) visit(*at);
  }

  // Slots that somebody owns, and all there are: a snapshot. Once it says 0, and nobody joins any
  // more, the list may be destroyed.
  std::size_t owned() const noexcept;
  std::size_t size() const noexcept;

 private:
  static bool take(slot& candidate) noexcept;

  slot first_;
};

}  // namespace lull::detail
