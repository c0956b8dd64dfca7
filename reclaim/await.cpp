// SPDX-License-Identifier: MIT
#include <algorithm>
#include <thread>
#include <utility>

#include "participant.hpp"

// Who waits for reclamation: the lists that quiescent states serve, and the two calls that block.

namespace lull {

using detail::barrier_waiter;
using detail::epoch_number;

grace_ticket participant::ticket() noexcept {
  check_thread("ticket()");
  const epoch_number now = epochs_.close_batch();
  want_ = std::max(want_, now + 1);
  work_ = true;
  return static_cast<grace_ticket>(now);
}

bool participant::try_admit(std::size_t bytes) noexcept {
  check_thread("try_admit()");
  if (!admission_waiters_.empty() || !allowance_.admit(bytes)) return false;
  if (allowance_.has_promised()) work_ = true;
  return true;
}

void participant::await_grace(detail::grace_waiter& who) noexcept {
  who.want = static_cast<epoch_number>(ticket()) + 1;
  grace_waiters_.push_back(who);
}

void participant::await_barrier(barrier_waiter& who) noexcept {
  check_thread("await_barrier()");
  who.at = barrier_waiter::stage::unmarked;
  barrier_waiters_.push_back(who);
  work_ = true;
}

void participant::await_admission(detail::admission_waiter& who, std::size_t bytes) noexcept {
  check_thread("await_admission()");
  const auto most = domain_.charges_.hard();
  LULL_ASSERT(most == 0 || bytes <= static_cast<std::size_t>(most),
              "admit() asks for %zu bytes, and the hard budget of the domain is %lld: that can "
              "never be; retire in smaller pieces, or raise the budget",
              bytes, static_cast<long long>(most));
  who.bytes = bytes;
  admission_waiters_.push_back(who);
  work_ = true;
}

void participant::take_up_admission(std::size_t bytes) noexcept {
  check_thread("take_up_admission()");
  allowance_.take_up(bytes);
  if (allowance_.has_promised()) work_ = true;
}

void participant::serve_waiters() noexcept {
  const epoch_number completed = epochs_.completed();
  grace_waiters_.for_each([&](detail::grace_waiter& who) {
    if (completed < who.want) return;
    who.unlink();
    who.ready(who);
  });
  if (!barrier_waiters_.empty()) {
    barrier_waiters_.for_each([&](barrier_waiter& who) {
      if (!is_over(who)) return;
      who.unlink();
      who.ready(who);
    });
  }
  while (!admission_waiters_.empty()) {
    detail::admission_waiter& first = admission_waiters_.front();
    if (!allowance_.admit_later(first.bytes)) break;
    first.unlink();
    first.ready(first);
  }
}

// The batch has been closed, and no deleter has run since: what those retire is not waited for, and
// there may be some at every quiescent state.
void participant::mark_barriers() noexcept {
  barrier_waiters_.for_each([this](barrier_waiter& who) {
    if (who.at != barrier_waiter::stage::unmarked) return;
    who.entries = limbo_->entries().closed_so_far();
    who.linked = limbo_->linked().closed_so_far();
    who.at = barrier_waiter::stage::limbo;
  });
}

bool participant::is_over(barrier_waiter& who) noexcept {
  using stage = barrier_waiter::stage;
  const detail::limbo& mine = *limbo_;
  if (who.at == stage::unmarked) return false;  // the next quiescent state marks it
  if (who.at == stage::limbo) {
    if (mine.entries().gone_so_far() < who.entries) return false;
    if (mine.linked().gone_so_far() < who.linked) return false;
    who.held_mark = mine.held_stamp;
    who.at = stage::held;
  }
  if (who.at == stage::held) {
    if (limbo_->held.oldest_stamp() <= who.held_mark) return false;
    who.turns_mark = debt_turns_ + 2;
    who.at = stage::homes;
  }
  if (debt_turns_ < who.turns_mark) turn_debts();
  if (debt_turns_ < who.turns_mark) turn_debts();
  return debt_turns_ >= who.turns_mark;
}

// What is sent from now on is counted in the other class, once that has been paid. Twice, and all
// that was sent before has been released.
void participant::turn_debts() noexcept {
  detail::home_debts& debts = slot_->debts;
  if (!debts.is_settled(1 - debts.phase)) return;
  debts.phase = 1 - debts.phase;
  ++debt_turns_;
}

void participant::check_blocking(const char* call) const noexcept {
  check_thread(call);
  check_turn(call);
  LULL_ASSERT(context_ == nullptr,
              "%s blocks, and was called on a core: co_await lull::grace_period() or "
              "lull::barrier() there",
              call);
  LULL_ASSERT(pins_now_ + pins_before_ == 0,
              "%s was called with %zu pins: they hold up what it waits for, so it would never "
              "return. Drop them first",
              call, pins_now_ + pins_before_);
}

// Quiescent states and naps, offline, in turn. Naps grow from 10 us to 1 ms.
template <class Done>
void participant::block_until(Done done) noexcept {
  auto nap = std::chrono::microseconds(10);
  while (true) {
    drive();
    if (done()) return;
    if (!offline()) continue;
    // Nobody may be left to move the epoch but this one.
    const detail::advance_result result = epochs_.advance(wanted(), limits::walk_visits);
    if (result.outcome != detail::advance_outcome::moved &&
        result.outcome != detail::advance_outcome::stepped) {
      std::this_thread::sleep_for(nap);
      nap = std::min(nap * 2, std::chrono::microseconds(1000));
    }
    online();
  }
}

void participant::synchronize() noexcept {
  check_blocking("synchronize()");
  const grace_ticket now = ticket();
  block_until([&] { return elapsed(now); });
}

void participant::barrier() noexcept {
  check_blocking("barrier()");
  struct flag : barrier_waiter {
    flag() noexcept : barrier_waiter(&flag::set) {}
    static void set(detail::waiter& self) noexcept { static_cast<flag&>(self).over = true; }
    bool over = false;
  } all;
  await_barrier(all);
  block_until([&] { return all.over; });
}

}  // namespace lull
