// SPDX-License-Identifier: MIT
#include "epoch.hpp"

namespace lull::detail {

completed_epoch epoch_state::look_at_completed() const noexcept {
  // order(complete): acquire, pairs with the release in walk. Without it the last reads of the
  // others would not be ordered before the release of what they read, and what they hold might not
  // be seen.
  const epoch_number both = complete_.load(acquire);
  return {both >> complete_shift, (both & held_bit) != 0};
}

epoch_number epoch_state::close_batch() const noexcept {
  // order(close_batch): fence between the unlinks and the tag, against the mover's fence. Without
  // it, or with the epoch read before it, the tag could be older than the unlink.
  full_fence();
  // order(close_batch): acquire, pairs with the release in move_on (mover).
  return epoch_.load(acquire);
}

void epoch_state::announce(slot& mine, epoch_number now) noexcept {
  // order(announce): release, pairs with the acquire of the slot in visit. Without it the walk may
  // pass this participant while its last reads are still to come.
  // The fence of close_batch that follows also stands between this store and what is read next, and
  // between it and the look at the orphans.
  mine.announced.store(now, release);
}

epoch_number epoch_state::go_offline(slot& mine) noexcept {
  // order(offline): release, pairs with the acquire of the slot in visit, as order(announce).
  mine.announced.store(0, release);
  // order(offline): the fence of close_batch also stands between this store and the look at the
  // orphans (and the caller's own flag and inbox): either that sees what one who left has pushed,
  // or the one who left sees this store and looks further.
  return close_batch();
}

epoch_number epoch_state::come_online(slot& mine, bool& moved_meanwhile) noexcept {
  const epoch_number before = epoch();
  // order(online): release, pairs with the acquire of the slot in visit: what this participant read
  // when it was last online stays ordered before the walk that reads this value.
  mine.announced.store(before, release);
  // order(online): fence between the slot and what is read next, against the mover's fence: either
  // the walk sees this slot, or this participant sees all that was unlinked before the epoch moved.
  full_fence();
  const epoch_number after = epoch();
  moved_meanwhile = after != before;
  if (moved_meanwhile) {
    // order(online): release and fence as above. Now the epoch cannot move past after + 1; without
    // the second look it might be several ahead already.
    mine.announced.store(after, release);
    full_fence();
  }
  return after;
}

slot* epoch_state::stands_in_the_way() const noexcept {
  // A look before the lock, so that one who can do nothing pays two loads. order(cursor): acquire,
  // pairs with the release in visit. Without it the slot could be looked at before it was made. The
  // slot's value is relaxed, for nothing is concluded from it but that somebody is behind.
  slot* const at = cursor_.load(acquire);
  const epoch_number seen = at->announced.load(relaxed);
  return seen != 0 && seen < epoch_.load(relaxed) ? at : nullptr;
}

bool epoch_state::lock_walk() noexcept {
  if (walk_.load(relaxed) != free) return false;
  std::uint32_t expected = free;
  // order(walk_lock): acquire, pairs with the release in unlock_walk: the cursor, what was passed
  // by the holders before, and the mover's fence are inherited through it.
  return walk_.compare_exchange_strong(expected, held, acquire, relaxed);
}

bool epoch_state::lock_walk_or_note() noexcept {
  // order(walk_lock): acquire, as in lock_walk. order(leave_note): release, pairs with the acquire
  // in unlock_walk: the holder that reads the note sees the orphans that were pushed before it.
  if (lock_walk()) return true;
  return walk_.exchange(noted, acq_rel) == free;
}

bool epoch_state::unlock_walk() noexcept {
  // order(walk_lock): release, pairs with the acquire in lock_walk. order(leave_note): acquire,
  // pairs with the release in lock_walk_or_note; an exchange, so that no note is overwritten.
  // order(mover): the fence between a new epoch and the first look at a slot for it. It serves all
  // who walk in this epoch, for they take the lock after it. Without it a slot may look offline to
  // the walk while its owner still reads what was unlinked before.
  return fence_and_exchange<std::uint32_t>(walk_, free) == noted;
}

void epoch_state::move_on(epoch_number now) noexcept {
  // order(mover): release, pairs with the acquire in epoch() and close_batch. The fence that has to
  // follow it is that of unlock_walk: nothing is looked at in between.
  epoch_.store(now + 1, release);
}

bool epoch_state::visit(epoch_number now, unsigned visits, slot*& blocked_by) noexcept {
  slot* at = cursor_.load(relaxed);
  bool passed_all = false;
  for (; visits > 0; --visits) {
    // order(announce), order(online), order(offline): acquire, pairs with the releases of the slot.
    const epoch_number seen = at->announced.load(acquire);
    if (seen != 0 && seen < now) {
      blocked_by = at;
      break;
    }
    // order(hold_count): acquire, pairs with the releases in hold_cells. After the slot: what was
    // held before the announcement counts here. Without it the bit may be clear for something held,
    // or the last use of what was dropped not be ordered before its release.
    held_ = held_ || at->cells.in_use().load(acquire) != 0;
    // order(append_slot): acquire, pairs with the release in slot_list::join. Read in this very
    // epoch, after the mover's fence: an end remembered from before could miss a newcomer.
    slot* next = at->next.load(acquire);
    passed_all = next == nullptr;
    at = passed_all ? &slots_.first() : next;
    if (passed_all) break;
  }
  // order(cursor): release, pairs with the acquire in stands_in_the_way; the next holder of the
  // walk has it through the lock.
  cursor_.store(at, release);
  return passed_all;
}

advance_result epoch_state::walk(epoch_number want, unsigned visits) noexcept {
  const epoch_number now = epoch_.load(relaxed);
  epoch_number complete = complete_.load(relaxed) >> complete_shift;
  advance_result result{nullptr, advance_outcome::stepped};
  if (complete < now && visit(now, visits, result.in_the_way)) {
    complete = now;
    // order(complete): release, pairs with the acquire in look_at_completed: hands on all the slots
    // that were read with acquire, by this holder and those before it.
    complete_.store(now << complete_shift | (held_ ? held_bit : 0), release);
    held_ = false;
  }
  if (result.in_the_way != nullptr) result.outcome = advance_outcome::blocked;
  if (complete == now && now < want) {
    move_on(now);
    result.outcome = advance_outcome::moved;
    result.moved = true;
  } else if (complete >= want) {
    result.outcome = advance_outcome::reached;
  }
  return result;
}

advance_result epoch_state::advance(epoch_number want, unsigned visits) noexcept {
  if (completed() >= want) return {nullptr, advance_outcome::reached};
  if (slot* const other = stands_in_the_way(); other != nullptr) {
    return {other, advance_outcome::blocked};
  }
  if (!lock_walk()) return {nullptr, advance_outcome::busy};
  advance_result result = walk(want, visits);
  result.look_at_orphans = unlock_walk();
  return result;
}

advance_result epoch_state::advance_quiescent(slot& mine, epoch_number want,
                                              unsigned visits) noexcept {
  if (completed() >= want) return {nullptr, advance_outcome::reached};
  if (slot* const other = stands_in_the_way(); other != nullptr) {
    return {other, advance_outcome::blocked};
  }
  if (!lock_walk()) return {nullptr, advance_outcome::busy};
  advance_result result = walk(want, visits);
  if (result.moved) {
    const epoch_number now = epoch_.load(relaxed);
    announce(mine, now);
    // order(mover), order(announce): one fence for both, before any slot is looked at for the new
    // epoch and before the caller reads anything or looks at the orphans.
    full_fence();
    result = walk(now, visits);
    result.moved = result.announced = true;
  }
  result.look_at_orphans = unlock_walk();
  return result;
}

advance_result epoch_state::advance_leaving(epoch_number want, unsigned visits) noexcept {
  if (completed() >= want) return {nullptr, advance_outcome::reached};
  if (stands_in_the_way() != nullptr) return {nullptr, advance_outcome::blocked};
  if (!lock_walk_or_note()) return {nullptr, advance_outcome::busy};
  advance_result result = walk(want, visits);
  // Another who left meanwhile counts on this one, who therefore cannot rely on what it saw before:
  // the participant in the way may have looked at the orphans before the other pushed.
  result.look_at_orphans = unlock_walk();
  if (result.look_at_orphans && result.outcome == advance_outcome::blocked)
    result.outcome = advance_outcome::stepped;
  return result;
}

}  // namespace lull::detail
