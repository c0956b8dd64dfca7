// SPDX-License-Identifier: MIT
#include "participant.hpp"

#include <algorithm>
#include <utility>

#include "../base/atomics.hpp"

namespace lull {

using detail::advance_outcome;
using detail::advance_result;
using detail::epoch_number;

namespace {

// Only the owner writes, so an increment needs no read-modify-write.
void add(detail::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
  counter.store(counter.load(detail::relaxed) + by, detail::relaxed);
}

void raise(detail::atomic<std::uint64_t>& high, std::uint64_t now) noexcept {
  if (now > high.load(detail::relaxed)) high.store(now, detail::relaxed);
}

}  // namespace

participant::participant(domain& joined)
    : epochs_(joined.epochs_),
      limbo_(std::make_unique<detail::limbo>()),
      slot_(&joined.epochs_.slots().join()),
      domain_(joined),
      owner_(&detail::current_participant) {
  if (detail::current_participant == nullptr) detail::current_participant = this;
  online();
}

void participant::check_turn(const char* call) const noexcept {
  LULL_ASSERT(!releasing_,
              "%s was called inside a deleter: deleters may retire, but the quiescent state that "
              "runs them is not over",
              call);
  LULL_ASSERT(is_online(), "%s was called by a participant that is offline: call online() first",
              call);
}

void participant::begin_run(const detail::release_kind& kind) {
  check_thread("retire()");
  LULL_ASSERT(is_online(),
              "retire() was called by a participant that is offline: retire before offline(), or "
              "call online() first");
  limbo_->begin_run(kind);
  work_ = true;
}

void participant::retire(void* object, std::size_t bytes, void (*function)(void*) noexcept) {
  LULL_ASSERT(function != nullptr, "retire(object, bytes, function) needs a function to call");
  void** entry = place(detail::function_kind::value);
  entry[0] = object;
  entry[1] = detail::to_word(bytes);
  entry[2] = reinterpret_cast<void*>(function);
  limbo_->count_bytes(bytes);
}

void participant::reserve(std::size_t n) {
  check_thread("reserve()");
  limbo_->reserve(n);
}

epoch_number participant::announce(epoch_number now) noexcept {
  LULL_ASSERT(now > announced_, "the epoch went from %llu back to %llu",
              static_cast<unsigned long long>(announced_), static_cast<unsigned long long>(now));
  announced_ = now;
  add(counters_.epochs, 1);
  return epochs_.announce(*slot_, now);
}

std::size_t participant::close_batch(epoch_number tag) noexcept {
  limbo_->mark_due(epochs_.completed());
  const detail::limbo::size closed = limbo_->close(tag);
  add(counters_.retired, closed.objects);
  note_limbo(closed);
  return closed.objects;
}

void participant::note_limbo(detail::limbo::size more) noexcept {
  add(counters_.limbo_objects, more.objects);
  add(counters_.limbo_bytes, more.bytes);
  raise(counters_.limbo_objects_high, counters_.limbo_objects.load(detail::relaxed));
  raise(counters_.limbo_bytes_high, counters_.limbo_bytes.load(detail::relaxed));
}

// For one who has just announced, come online or gone offline, and has fenced since.
bool participant::adopt() noexcept {
  if (domain_.orphans_.empty()) return false;
  detail::limbo* all = domain_.orphans_.take();
  const bool some = all != nullptr;
  while (all != nullptr) {
    detail::limbo* one = std::exchange(all, all->next);
    one->next = std::exchange(adopted_, one);
    add(counters_.adopted, one->objects());
    note_limbo({one->objects(), one->bytes()});
  }
  work_ = work_ || some;
  return some;
}

epoch_number participant::wanted() const noexcept {
  epoch_number want = limbo_->wanted();
  for (const detail::limbo* one = adopted_; one != nullptr; one = one->next) {
    want = std::max(want, one->wanted());
  }
  return want;
}

std::size_t participant::due() const noexcept {
  std::size_t all = limbo_->due();
  for (const detail::limbo* one = adopted_; one != nullptr; one = one->next) all += one->due();
  return all;
}

bool participant::has_limbo() const noexcept { return work_; }
bool participant::has_due() const noexcept { return due() != 0; }

advance_outcome participant::turn(release_bound bound, const char* call) noexcept {
  check_turn(call);
  const epoch_number now = epochs_.epoch();
  const bool moved = now != announced_;
  const bool fresh = limbo_->is_open();
  epoch_number tag = 0;
  if (moved) tag = announce(now);  // one fence serves the batch too
  std::size_t closed = 0;
  if (fresh) closed = close_batch(moved ? tag : epochs_.close_batch());
  if (moved) adopt();
  advance_outcome outcome = advance_outcome::reached;
  if (work_) {
    const advance_result result = epochs_.advance(wanted(), limits::walk_visits);
    outcome = result.outcome;
    if (result.moved) add(counters_.advances, 1);
    if (result.look_at_orphans) adopt();
    release(bound, closed);
  }
  limbo_->top_up();
  return outcome;
}

void participant::release(release_bound bound, std::size_t closed) noexcept {
  const epoch_number completed = epochs_.completed();
  limbo_->mark_due(completed);
  for (detail::limbo* one = adopted_; one != nullptr; one = one->next) one->mark_due(completed);
  const std::size_t waiting = due();
  if (waiting == 0) {
    work_ = !limbo_->empty() || adopted_ != nullptr;
    return;
  }
  // As many more as this iteration retired, so that limbo does not grow where every iteration
  // retires more than the bound; and a share of what waits, so that a burst drains.
  const std::size_t more = closed + waiting / limits::release_share;
  if (bound.time != std::chrono::nanoseconds::max() && bound.objects != 0) {
    bound.time += bound.time * static_cast<std::int64_t>(more / bound.objects);
  }
  bound.objects += more;
  detail::release_budget budget(bound, waiting, pace_, clock_);
  const detail::limbo::size released = release_all(budget);
  add(counters_.released, released.objects);
  counters_.limbo_objects.store(counters_.limbo_objects.load(detail::relaxed) - released.objects,
                                detail::relaxed);
  counters_.limbo_bytes.store(counters_.limbo_bytes.load(detail::relaxed) - released.bytes,
                              detail::relaxed);
}

// Adopted limbos first: they are older.
detail::limbo::size participant::release_all(detail::release_budget& budget) noexcept {
  participant* before = set_current(this);
  releasing_ = true;
  detail::limbo::size released;
  detail::limbo** link = &adopted_;
  while (*link != nullptr) {
    released += (*link)->release(budget);
    if ((*link)->empty()) {
      delete std::exchange(*link, (*link)->next);
    } else {
      link = &(*link)->next;
    }
  }
  released += limbo_->release(budget);
  releasing_ = false;
  set_current(before);
  work_ = !limbo_->empty() || adopted_ != nullptr;
  return released;
}

bool participant::drive() noexcept {
  check_thread("drive()");
  check_turn("drive()");
  for (unsigned round = 0; round < limits::drive_rounds; ++round) {
    if (!work_) return true;
    const advance_outcome outcome = turn(release_bound{}, "drive()");
    if (!work_) return true;
    const bool stuck = outcome == advance_outcome::blocked || outcome == advance_outcome::busy;
    if (stuck && due() == 0 && epochs_.epoch() == announced_) return false;
  }
  return false;
}

void participant::online() noexcept {
  check_thread("online()");
  LULL_ASSERT(!is_online(), "online() was called by a participant that is online");
  bool moved = false;
  announced_ = epochs_.come_online(*slot_, moved);
  // One who left may have seen this slot behind the epoch, and counts on it.
  if (moved) adopt();
}

bool participant::offline() noexcept {
  check_thread("offline()");
  check_turn("offline()");
  const epoch_number tag = epochs_.go_offline(*slot_);
  announced_ = 0;
  if (limbo_->is_open()) close_batch(tag);
  if (domain_.orphans_.empty()) return true;
  online();
  adopt();
  return false;
}

participant_statistics participant::statistics() const noexcept {
  const detail::participant_counters& from = counters_;
  participant_statistics now;
  now.retired = from.retired.load(detail::relaxed);
  now.released = from.released.load(detail::relaxed);
  now.adopted = from.adopted.load(detail::relaxed);
  now.limbo_objects = from.limbo_objects.load(detail::relaxed);
  now.limbo_bytes = from.limbo_bytes.load(detail::relaxed);
  now.limbo_objects_high = from.limbo_objects_high.load(detail::relaxed);
  now.limbo_bytes_high = from.limbo_bytes_high.load(detail::relaxed);
  now.epochs = from.epochs.load(detail::relaxed);
  now.advances = from.advances.load(detail::relaxed);
  return now;
}

}  // namespace lull
