// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <utility>

#include "participant.hpp"
#include "pin.hpp"

// Leaving. What came home is released; the slot goes offline; what is not due is pushed to the
// domain's orphans, with what is kept for somebody who holds it; and then the one who leaves looks
// whether it can rely on somebody. It can, when an online participant is behind the epoch: that one
// looks at the orphans after it has announced, or when it goes offline. It can, when somebody is
// walking: that one finds the note. Otherwise it moves the epoch on itself, until somebody is
// behind, or until all is due and can be taken back and released here. What is held by somebody who
// is offline is left to that one: it looks when it comes online, or leaves. So leaving waits for
// nobody, and whoever is last leaves nothing.

namespace lull {

using detail::advance_outcome;
using detail::epoch_number;

namespace {

constexpr release_bound everything{SIZE_MAX, nanoseconds::max()};

}  // namespace

participant::~participant() {
  LULL_ASSERT(owner_ == &detail::current_participant,
              "a participant is destroyed on another thread than the one that joined: let each "
              "thread destroy its own before it ends");
  LULL_ASSERT(!releasing_, "a participant is destroyed inside a deleter that it runs");
  check_left_alone();
  leave();
  if (detail::current_participant == this) set_current(nullptr);
}

void participant::check_left_alone() noexcept {
  if (!pins_.empty()) {
    const std::source_location at = pins_.front().taken_at_;
    LULL_ASSERT(false,
                "a participant is destroyed with %zu pins, the oldest taken at %s:%u: drop them "
                "first",
                pins_now_ + pins_before_, at.file_name(), static_cast<unsigned>(at.line()));
  }
  const std::size_t holds = slot_->cells.in_use().load(detail::relaxed);
  if (holds != 0) {
    const std::source_location at = slot_->cells.any_in_use();
    LULL_ASSERT(false,
                "a participant is destroyed with %zu holds, one of them taken at %s:%u: drop them "
                "first",
                holds, at.file_name(), static_cast<unsigned>(at.line()));
  }
  LULL_ASSERT(!has_waiters(),
              "a participant is destroyed while something still waits for a grace period, a "
              "barrier or an admission of it: end or cancel that first");
}

void participant::leave() noexcept {
  driving_ = leaving_ = true;
  refuse_homecoming();
  for (epoch_number looked = 0;; looked = take_back()) {
    if (limbo_ != nullptr && limbo_->is_open()) close_batch(epochs_.close_batch());
    static_cast<void>(epochs_.go_offline(*slot_));
    announced_ = 0;
    // While this one was online others may have left something, counting on it to adopt.
    if (!domain_.orphans_.empty()) continue;
    epoch_number want = leave_limbos();
    // A fence between the push and the look at the other slots in finish: either one of them sees
    // the orphans, or its store is seen here.
    const epoch_number now = epochs_.close_batch();
    // Nothing waits for an epoch: it is held, or was when that was looked at last. One more, and
    // somebody is behind and adopts it; or nobody holds anything; or it is left to who holds it.
    const bool only_held = want <= looked;
    if (only_held) want = now + 1;
    bool asked = false;
    if (!finish(std::max(want, want_), asked)) break;
    if (only_held && looked != 0 && !asked && epochs_.look_at_completed().held) break;
  }
  allowance_.end();
  domain_.count_departed(slot_->shown);
  slot_->reported.store(0, detail::relaxed);  // it was about this participant, not the next
  detail::slot_list::leave(*slot_);
}

// Nothing comes home any more; what has come is released.
void participant::refuse_homecoming() noexcept {
  static_cast<void>(slot_->begin_incarnation());
  if (detail::retirable_base* last = slot_->homecoming.close()) take_homecoming(last);
  if (homecoming_.empty()) return;
  if (!is_online()) online();
  release(everything, 0);
}

// Pushes every limbo with something in it and returns what `complete` must come to for them.
epoch_number participant::leave_limbos() noexcept {
  epoch_number want = 0;
  const auto leave_it = [&](detail::limbo* one) {
    want = std::max(want, one->wanted());
    push_orphan(one);
  };
  if (limbo_ != nullptr) leave_it(limbo_.release());
  while (adopted_ != nullptr) leave_it(std::exchange(adopted_, adopted_->next));
  return want;
}

void participant::push_orphan(detail::limbo* one) noexcept {
  detail::shown_state& shown = slot_->shown;
  shown.orphaned.add(one->objects() + one->held.size());
  shown.limbo_bytes.subtract(one->bytes());
  shown.held_objects.subtract(one->held.size());
  shown.held_bytes.subtract(one->held.bytes());
  if (is_done_with(*one)) {
    delete one;
  } else {
    domain_.orphans_.push(*one);
  }
}

// True when orphans are left that this one has to bring to their end, and `complete` is at `want`.
// `asked`: another who left counts on this one to look at what that one pushed.
bool participant::finish(epoch_number want, bool& asked) noexcept {
  while (!domain_.orphans_.empty()) {
    const detail::advance_result result = epochs_.advance_leaving(want, limits::walk_visits);
    asked = asked || result.look_at_orphans;
    switch (result.outcome) {
      case advance_outcome::reached:
        return true;
      case advance_outcome::blocked:
      case advance_outcome::busy:
        return false;
      case advance_outcome::moved:
      case advance_outcome::stepped:
        break;
    }
  }
  return false;
}

// Online again, for deleters may read what is shared; takes what is left behind and releases what
// is due of it, all at once: this thread has no further quiescent states. Returns how far the
// domain was when it looked.
epoch_number participant::take_back() noexcept {
  online();  // adopts
  const epoch_number looked = epochs_.completed();
  if (limbo_ == nullptr) {
    if (adopted_ == nullptr) return looked;
    limbo_.reset(std::exchange(adopted_, adopted_->next));
    limbo_->next = nullptr;
  }
  // What is in limbo counts twice, for it may come to be held.
  const auto left = [this] { return 2 * (clear() + unclear()) + held(); };
  std::size_t before = 0;
  bool walked = false;  // through the holds, since before
  do {
    before = left();
    walked = is_gathering();
    release(everything, 0);
  } while (walked || is_gathering() || left() < before);
  return looked;
}

}  // namespace lull
