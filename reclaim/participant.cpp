// SPDX-License-Identifier: MIT
#include "participant.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "hold.hpp"
#include "retire.hpp"

// Joining, going offline and online, and what surrounds a quiescent state; what happens in one is
// in turn.cpp.

namespace lull {

using detail::epoch_number;

participant::participant(domain& joined)
    : epochs_(joined.epochs_),
      slot_(&joined.epochs_.slots().join()),
      allowance_(joined.charges_),
      domain_(joined),
      owner_(&detail::current_participant) {
  if (detail::current_participant == nullptr) detail::current_participant = this;
  // Another one than of the leaver before, who may have made something while it left.
  const std::uint32_t incarnation = slot_->begin_incarnation();
  slot_->debts.begin(incarnation);
  slot_->homecoming.open(incarnation);
  online();
}

void participant::set_context(void* context) noexcept {
  context_ = context;
  if (current() == this) detail::current_context = context;
}

void participant::check_turn(const char* call) const noexcept {
  LULL_ASSERT(!releasing_,
              "%s was called inside a deleter: deleters may retire, but the quiescent state that "
              "runs them is not over",
              call);
  LULL_ASSERT(is_online(), "%s was called by a participant that is offline: call online() first",
              call);
}

void participant::check_retire() const noexcept {
  check_thread("retire()");
  LULL_ASSERT(is_online(),
              "retire() was called by a participant that is offline: retire before offline(), or "
              "call online() first");
}

bool participant::has_due() const noexcept { return clear() != 0 || !homecoming_.empty(); }

bool participant::drive() noexcept {
  check_thread("drive()");
  check_turn("drive()");
  using detail::advance_outcome;
  driving_ = true;
  merge_left_ = 0;
  allowance_.forget_promises();
  bool stuck = false;
  for (unsigned round = 0; work_ && !stuck && round < limits::drive_rounds; ++round) {
    const advance_outcome outcome = turn(release_bound{}, "drive()");
    stuck = outcome != advance_outcome::moved && outcome != advance_outcome::stepped &&
            !has_due() && !is_gathering() && epochs_.epoch() == seen_;
  }
  driving_ = false;
  return !work_;
}

void participant::online() noexcept {
  check_thread("online()");
  LULL_ASSERT(!is_online(), "online() was called by a participant that is online");
  bool moved = false;
  seen_ = announced_ = epochs_.come_online(*slot_, moved);
  // One who left may have seen this slot behind the epoch, or may have left something that only a
  // hold of this participant keeps; and objects may have come home meanwhile.
  look_around();
}

bool participant::offline() noexcept {
  check_thread("offline()");
  check_turn("offline()");
  if (pins_now_ + pins_before_ != 0) {
    const epoch_number tag = epochs_.close_batch();
    if (limbo_->is_open()) close_batch(tag);
    return true;
  }
  const epoch_number tag = epochs_.go_offline(*slot_);
  seen_ = announced_ = 0;
  if (limbo_->is_open()) close_batch(tag);
  allowance_.give_back_all();
  if (domain_.orphans_.empty() && slot_->homecoming.empty()) return true;
  online();
  return false;
}

participant_statistics participant::statistics() const noexcept {
  const detail::shown_state& from = slot_->shown;
  participant_statistics now;
  now.retired = from.retired.get();
  now.released = from.released.get();
  now.adopted = from.adopted.get();
  now.sent_home = from.sent_home.get();
  now.came_home = from.came_home.get();
  now.limbo_objects = from.limbo_objects();
  now.limbo_bytes = from.limbo_bytes.get();
  now.limbo_objects_high = from.limbo_objects_high.get();
  now.limbo_bytes_high = from.limbo_bytes_high.get();
  now.held_objects = from.held_objects.get();
  now.held_bytes = from.held_bytes.get();
  now.holds = slot_->cells.in_use().load(detail::relaxed);
  now.pins = from.pins.get();
  now.epochs = from.epochs.get();
  now.advances = from.advances.get();
  now.attempts = from.attempts.get();
  if (const std::uint64_t since = from.waiting_since.get(); since != 0) {
    now.oldest = clock_.now().time_since_epoch() - nanoseconds(since);
  }
  for (std::size_t i = 0; i < grace_histogram::classes; ++i) {
    now.grace.count[i] = from.grace[i].get();
  }
  return now;
}

namespace detail {

void retiring::begin_run(const release_kind& kind) {
  static_cast<participant*>(this)->check_retire();
  limbo_->begin_run(kind);
  work_ = true;
}

void retiring::link(retirable_base& one, const linked_kind& kind) noexcept {
  static_cast<participant*>(this)->check_retire();
  LULL_ASSERT(one.kind == nullptr,
              "the object at %p is retired twice: it was retired before and is not released yet. "
              "Only who unlinks an object retires it",
              kind.object(one));
  one.kind = &kind;
  limbo_->link(one);
  work_ = true;
}

void retiring::retire(void* object, std::size_t bytes, void (*function)(void*) noexcept) {
  LULL_ASSERT(function != nullptr, "retire(object, bytes, function) needs a function to call");
  void** entry = place(function_kind::value);
  entry[0] = object;
  entry[1] = to_word(bytes);
  entry[2] = reinterpret_cast<void*>(function);
  limbo_->count_bytes(bytes);
}

void retiring::reserve(std::size_t n) {
  static_cast<participant*>(this)->check_thread("reserve()");
  limbo_->reserve(n);
}

participant& require_current(const char* call) noexcept {
  participant* current = participant::current();
  LULL_ASSERT(current != nullptr,
              "%s was called on a thread without a participant: make a lull::participant of the "
              "domain on this thread first",
              call);
  return *current;
}

void refuse_hold(const participant* owner, const void* object) noexcept {
  LULL_ASSERT(object != nullptr, "a hold was made of an empty ref: test what find() gives");
  if (owner == nullptr) owner = &require_current("hold");
  LULL_ASSERT(owner->is_online(),
              "a hold was taken by a participant that is offline: call online() first");
  std::abort();  // one of them was so
}

}  // namespace detail
}  // namespace lull
