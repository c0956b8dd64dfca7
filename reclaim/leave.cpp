// SPDX-License-Identifier: MIT
#include <utility>

#include "participant.hpp"

// Leaving. What is not due is pushed to the domain's orphans; the slot goes offline; and then the
// one who leaves looks whether it can rely on somebody. It can, when an online participant is
// behind the epoch: that one looks at the orphans after it has announced, or when it goes offline.
// It can, when somebody is walking: that one finds the note. Otherwise it moves the epoch on
// itself, until somebody is behind, or until all is due and can be taken back and released here. So
// leaving waits for nobody, and whoever is last leaves nothing.

namespace lull {

using detail::advance_outcome;
using detail::epoch_number;

participant::~participant() {
  LULL_ASSERT(owner_ == &detail::current_participant,
              "a participant is destroyed on another thread than the one that joined: let each "
              "thread destroy its own before it ends");
  LULL_ASSERT(!releasing_, "a participant is destroyed inside a deleter that it runs");
  leave();
  if (detail::current_participant == this) detail::current_participant = nullptr;
}

void participant::leave() noexcept {
  while (true) {
    if (limbo_ != nullptr && limbo_->is_open()) close_batch(epochs_.close_batch());
    const epoch_number want = leave_limbos();
    // The fence in go_offline also stands between the push and the look at the other slots in
    // finish: either one of them sees the orphans, or its store is seen here.
    epochs_.go_offline(*slot_);
    announced_ = 0;
    if (!finish(want)) break;
    take_back();
  }
  detail::slot_list::leave(*slot_);
}

// Pushes every limbo with something in it and returns what `complete` must come to for them.
epoch_number participant::leave_limbos() noexcept {
  epoch_number want = 0;
  if (limbo_ != nullptr) {
    want = wanted();
    if (!limbo_->empty()) domain_.orphans_.push(*limbo_.release());
    limbo_.reset();
  }
  while (adopted_ != nullptr) {
    detail::limbo* one = std::exchange(adopted_, adopted_->next);
    domain_.orphans_.push(*one);
  }
  return want;
}

// True when orphans are left that this one has to bring to their end, and `complete` is at `want`.
bool participant::finish(epoch_number want) noexcept {
  while (!domain_.orphans_.empty()) {
    switch (epochs_.advance_leaving(want, limits::walk_visits).outcome) {
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
// is due of it, all at once: this thread has no further quiescent states.
void participant::take_back() noexcept {
  online();
  adopt();
  if (adopted_ == nullptr) return;
  if (limbo_ == nullptr) {
    limbo_.reset(std::exchange(adopted_, adopted_->next));
    limbo_->next = nullptr;
  }
  release({SIZE_MAX / 2, std::chrono::nanoseconds::max()}, 0);
}

}  // namespace lull
