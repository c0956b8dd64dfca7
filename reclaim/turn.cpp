// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <utility>

#include "participant.hpp"

// One quiescent state that has something to do, in this order: see the epoch, announce it unless a
// pin forbids that, close the batch, look what others left or sent, help the epoch on, release,
// tell who waits. One fence serves the announcement, the batch and the look.

namespace lull {

using detail::advance_outcome;
using detail::advance_result;
using detail::epoch_number;

[[gnu::flatten]] advance_outcome participant::turn(release_bound bound, const char* call) noexcept {
  check_turn(call);
  const epoch_number now = epochs_.epoch();
  const bool moved = now != seen_;
  if (moved) see(now);
  const bool announcing = announced_ != seen_ && pins_before_ == 0;
  if (announcing) {
    announced_ = seen_;
    slot_->shown.epochs.add(1);
    detail::epoch_state::announce(*slot_, seen_);
  }
  const bool fresh = limbo_->is_open();
  std::size_t closed = 0;
  if (moved || announcing || fresh) {
    // Read after the fence: no older than any unlink of the batch, nor than the announcement.
    const epoch_number tag = epochs_.close_batch();
    if (fresh) closed = close_batch(tag);
  }
  // Also when the announcement was put off by a pin: one who left meanwhile counts on it.
  if (moved || announcing) look_around();
  advance_outcome outcome = advance_outcome::reached;
  if (work_) {
    if (!driving_) allowance_.forget_promises();
    if (!barrier_waiters_.empty()) mark_barriers();
    const bool pinned = pins_now_ + pins_before_ != 0;
    const advance_result result =
        pinned ? epochs_.advance(wanted(), limits::walk_visits)
               : epochs_.advance_quiescent(*slot_, wanted(), limits::walk_visits);
    outcome = result.moved ? advance_outcome::moved : result.outcome;
    if (result.announced) {
      seen_ = ++announced_;
      slot_->shown.epochs.add(1);
    }
    if (result.announced || result.look_at_orphans) look_around();
    note_progress(result);
    release(bound, closed);
    if (has_waiters()) serve_waiters();
    find_work();
    if (closed != 0 && merge_span_ != nanoseconds::zero()) pace_merging();
  }
  limbo_->top_up();
  return outcome;
}

void participant::quiescent(release_bound bound) noexcept {
  check_thread("quiescent()");
  note_resumption();
  if (epochs_.epoch() != seen_ || work_) turn(bound, "quiescent()");
}

// The epoch is seen at once; what was pinned before it is `previous` now. There is no third
// generation: with a pin of the one before, the slot is behind and the epoch cannot move.
void participant::see(epoch_number now) noexcept {
  LULL_ASSERT(now > seen_, "the epoch went from %llu back to %llu",
              static_cast<unsigned long long>(seen_), static_cast<unsigned long long>(now));
  LULL_ASSERT(pins_before_ == 0, "the epoch moved to %llu in spite of %zu pins of an earlier one",
              static_cast<unsigned long long>(now), pins_before_);
  pins_before_ = std::exchange(pins_now_, 0);
  seen_ = now;
}

std::size_t participant::close_batch(epoch_number tag) noexcept {
  if (limbo_->entries().has_two_tags() || limbo_->linked().has_two_tags()) {
    limbo_->mark_due(epochs_.look_at_completed());
  }
  const detail::limbo_size closed = limbo_->close(tag);
  slot_->shown.retired.add(closed.objects);
  note_limbo(closed.bytes);
  allowance_.spend(closed.bytes);
  if (timed_ == 0 && ++closed_untimed_ >= limits::grace_sample) {
    closed_untimed_ = 0;
    timed_ = tag;
    timed_since_ = clock_.now();
  }
  return closed.objects;
}

// Something is in limbo that has been counted as retired, adopted or come home.
void participant::note_limbo(std::size_t bytes) noexcept {
  detail::shown_state& shown = slot_->shown;
  const std::uint64_t now = shown.limbo_bytes.get() + bytes;
  shown.limbo_bytes.set(now);
  if (now <= shown.limbo_bytes_high.get()) [[likely]]
    return;
  shown.limbo_bytes_high.set(now);
  shown.limbo_objects_high.raise(shown.limbo_objects());
}

// For one who has just announced, come online or gone offline, and has fenced since.
void participant::look_around() noexcept {
  if (!domain_.orphans_.empty()) adopt();
  if (!slot_->homecoming.empty()) take_homecoming(slot_->homecoming.take());
}

// What comes last is put last: else the rest would wait as long as more comes.
void participant::adopt() noexcept {
  detail::limbo** end = &adopted_;
  while (*end != nullptr) end = &(*end)->next;
  *end = domain_.orphans_.take();
  for (detail::limbo* one = *end; one != nullptr; one = one->next) {
    one->forget_gather();  // what the one who left knew of holds went with it
    slot_->shown.adopted.add(one->objects() + one->held.size());
    slot_->shown.held_objects.add(one->held.size());
    slot_->shown.held_bytes.add(one->held.bytes());
    note_limbo(one->bytes());
    want_ = std::max(want_, one->sent_want);
    work_ = true;
  }
}

epoch_number participant::wanted() const noexcept {
  epoch_number want = std::max(limbo_->wanted(), want_);
  for (const detail::limbo* one = adopted_; one != nullptr; one = one->next) {
    want = std::max(want, one->wanted());
  }
  return want;
}

void participant::note_progress(const advance_result& result) noexcept {
  slot_->shown.attempts.add(1);
  if (result.moved) slot_->shown.advances.add(1);
  if (timed_ != 0) time_grace();
  if (result.outcome != advance_outcome::blocked) {
    blocked_turns_ = 0;
    if (blocked_by_ == nullptr) return;
    blocked_by_ = nullptr;
    slot_->shown.waiting_since.set(0);
    return;
  }
  if (result.in_the_way == slot_) return;  // behind oneself: a pin, or the next turn announces
  if (domain_.charges_.pressure() != 0) {
    result.in_the_way->yield_asked.store(seen_, detail::relaxed);
  }
  if (++blocked_turns_ % limits::blocked_turns == 0 || driving_) watch_stall(*result.in_the_way);
}

void participant::time_grace() noexcept {
  if (epochs_.completed() <= timed_) return;
  timed_ = 0;
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - timed_since_);
  const auto width = static_cast<std::size_t>(
      std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0))));
  slot_->shown.grace[std::min(width, grace_histogram::classes - 1)].add(1);
}

bool participant::has_waiters() const noexcept {
  return !grace_waiters_.empty() || !barrier_waiters_.empty() || !admission_waiters_.empty();
}

void participant::find_work() noexcept {
  work_ = !limbo_->empty() || limbo_->held.size() != 0 || adopted_ != nullptr ||
          !homecoming_.empty() || has_waiters() || allowance_.has_promised() ||
          want_ > epochs_.completed() || (announced_ != seen_ && pins_before_ == 0);
}

// How many quiescent states fit into the span, by the pace since the last look at the clock.
void participant::pace_merging() noexcept {
  merged_ += merge_most_ + 1;
  if (merged_ >= limits::merges_per_look) {
    const time_point now = clock_.now();
    const nanoseconds each = (now - std::exchange(merge_began_, now)) / merged_ + nanoseconds(1);
    merge_most_ =
        static_cast<std::uint32_t>(std::min<std::int64_t>(merge_span_ / each, limits::most_merged));
    merged_ = 0;
  }
  merge_left_ = merge_most_;
}

}  // namespace lull
