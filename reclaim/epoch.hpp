// SPDX-License-Identifier: MIT
#pragma once

// The protocol: a counter, and the rule by which it moves. The epoch moves on only when every
// participant has announced its present value or is offline; so whoever is online is at most one
// behind, and what was unlinked before epoch t was read may be released once `complete` is past t:
// by then all have announced t + 1, which they read after the unlink.
//
// This file knows neither limbo nor deleters nor threads; participant.cpp drives it. close_batch,
// announce, come_online and go_offline are for the slot's owner; advance is for any participant
// and has bounded work. Costs are in loads, stores and full fences, named at each function.
//
// | variable  | written by                | read by              | pairings                       |
// |-----------|---------------------------|----------------------|--------------------------------|
// | epoch_    | who holds the walk        | everybody            | mover                          |
// | complete_ | who holds the walk        | who has limbo        | complete                       |
// | walk_     | who advances              | who advances         | walk_lock, leave_note          |
// | cursor_   | who holds the walk        | who advances (peek)  | cursor; otherwise walk_lock    |
// | held_     | who holds the walk        | the same             | walk_lock                      |
//
// complete_ holds a number and one bit: somebody held something when he was passed.
//
// | walk_     | means                                                                           |
// |-----------|---------------------------------------------------------------------------------|
// | free      | nobody walks                                                                    |
// | held      | one participant walks                                                           |
// | noted     | one walks, and one who left asks it to look at the orphans when it is done      |

#include <cstdint>

#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"
#include "slots.hpp"

namespace lull::detail {

// What a call of advance came to.
enum class advance_outcome : std::uint8_t {
  reached,  // what was wanted is complete
  moved,    // the epoch was moved by this call
  stepped,  // some slots were passed; there is more to look at
  blocked,  // an online participant has not announced the epoch yet
  busy,     // somebody else is walking
};

// How far the domain is.
struct completed_epoch {
  epoch_number epoch;  // everybody has announced it, or was offline for it
  bool held;           // somebody may hold what is due by it; clear: nobody does
};

struct advance_result {
  slot* in_the_way = nullptr;  // when blocked: who has not announced the epoch yet
  advance_outcome outcome;
  bool moved = false;            // this call moved the epoch
  bool look_at_orphans = false;  // one who left counts on the caller to adopt
  bool announced = false;        // and the caller's slot shows the new epoch, fenced
};

class epoch_state {
 public:
  // The first epoch counts as complete: nothing can have been retired in it yet.
  static constexpr epoch_number first_epoch = 1;

  slot_list& slots() noexcept { return slots_; }
  const slot_list& slots() const noexcept { return slots_; }

  // order(mover): acquire, pairs with the release in move_on: what was done before the epoch moved
  // is done for whoever reads the new one.
  epoch_number epoch() const noexcept { return epoch_.load(acquire); }

  // The last epoch that everybody has announced or was offline for.
  completed_epoch look_at_completed() const noexcept;
  epoch_number completed() const noexcept { return look_at_completed().epoch; }

  // Closes a batch: a full fence, so that the tag it returns is no older than any unlink of the
  // batch. The batch is due when completed() is past the tag.
  epoch_number close_batch() const noexcept;

  // Announces `now`, which the caller has read by epoch(). A store; close_batch() follows, for its
  // fence serves both: what is read next comes after the announcement.
  static void announce(slot& mine, epoch_number now) noexcept;

  // Goes offline: a store, and then close_batch(). After it the caller looks at the orphans.
  epoch_number go_offline(slot& mine) noexcept;

  // Goes online and returns the epoch announced. A store and a full fence, twice when the epoch
  // moved meanwhile; never more, for then it cannot move again without this participant.
  epoch_number come_online(slot& mine, bool& moved_meanwhile) noexcept;

  // Helps `completed()` towards `want`, with a look at no more than `visits` slots, or twice that.
  advance_result advance(epoch_number want, unsigned visits) noexcept;

  // The same for one who is in a quiescent state, has announced the epoch and has no pins: where it
  // moves the epoch it announces the new one too, and looks at the slots anew. So one who is alone
  // comes to the end of a grace period in one call.
  advance_result advance_quiescent(slot& mine, epoch_number want, unsigned visits) noexcept;

  // The same for one who is leaving: if another walks, it is asked to look at the orphans.
  advance_result advance_leaving(epoch_number want, unsigned visits) noexcept;

 private:
  friend struct epoch_state_probe;  // tests stop in the middle of a walk

  enum walk_word : std::uint32_t { free = 0, held = 1, noted = 2 };

  static constexpr unsigned complete_shift = 1;
  static constexpr epoch_number held_bit = 1;

  slot* stands_in_the_way() const noexcept;
  bool lock_walk() noexcept;
  bool lock_walk_or_note() noexcept;
  bool unlock_walk() noexcept;
  advance_result walk(epoch_number want, unsigned visits) noexcept;
  bool visit(epoch_number now, unsigned visits, slot*& blocked_by) noexcept;
  void move_on(epoch_number now) noexcept;

  alignas(cache_line) atomic<epoch_number> epoch_{first_epoch};
  alignas(cache_line) atomic<epoch_number> complete_{first_epoch << complete_shift};
  alignas(cache_line) atomic<std::uint32_t> walk_{free};
  bool held_ = false;  // of the slots before the cursor
  alignas(cache_line) slot_list slots_;
  atomic<slot*> cursor_{&slots_.first()};
};

}  // namespace lull::detail
