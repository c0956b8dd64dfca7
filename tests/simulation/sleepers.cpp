// SPDX-License-Identifier: MIT
#include "sleepers.hpp"

#include <cerrno>
#include <utility>

namespace simulation {
namespace {

constexpr unsigned most_sleepers = 4;
constexpr unsigned most_turns = 4;

}  // namespace

sleepers::sleepers(schedule& s, simulated_kernel& kernel)
    : simulated_program(s, kernel), wants_(by.random.below(most_turns)) {}

lull::task<> sleepers::run() {
  lull::scope all;
  for (unsigned i = 2 + by.random.below(most_sleepers - 1); i > 0; --i) {
    all.spawn([this] { return by.chance(4) ? work_stopped() : work(); });
  }
  co_await all.join();
  while (can_act()) co_await lull::sleep(a_while());
  if (word_ != is_free) by.fail("nobody has the lock, and it is taken");
  if (done.slept != kernel_.made.woken || woken_ != done.slept) {
    by.fail("others were woken than the wakes say");
  }
}

lull::task<> sleepers::work() {
  for (unsigned left = 2 + by.random.below(most_turns); left > 0; --left) {
    auto taking = take(by.chance(2));
    const bool has = co_await std::move(taking);
    if (!has) continue;
    if (std::exchange(inside_, true)) by.fail("two have one lock");
    ++done.taken;
    if (by.chance(2)) co_await lull::sleep(a_while());
    inside_ = false;
    auto giving = give();
    co_await std::move(giving);
  }
}

lull::task<> sleepers::work_stopped() {
  lull::scope stopped;
  stopped.spawn([this] { return work(); });
  co_await lull::sleep(3 * a_while());
  stopped.request_stop();
  co_await stopped.join();
  ++done.stopped;
}

lull::task<bool> sleepers::take(bool patient) {
  std::uint32_t seen = is_free;
  if (word_.compare_exchange_strong(seen, is_taken)) co_return true;
  while (word_.exchange(is_awaited) != is_free) {
    const lull::nanoseconds limit = patient ? std::chrono::hours(1) : a_while();
    auto woken = co_await lull::timeout(limit, lull::futex_wait(word_, is_awaited));
    if (*woken) {
      ++(**woken ? done.slept : done.changed);
    } else if (woken->why().code == ECANCELED) {
      ++done.given_up;
      co_return false;
    } else if (woken->why().code == EOPNOTSUPP) {  // an older kernel
      ++done.not_known;
      if (!co_await lull::sleep(a_while())) co_return false;
    } else {
      by.fail("a wait for a word failed for no reason: " + woken->why().message());
    }
  }
  co_return true;
}

// Whoever is stopped passes it on all the same.
lull::task<> sleepers::give() {
  if (word_.exchange(is_free) != is_awaited) co_return;
  for (;;) {
    auto woke = co_await lull::shield(lull::futex_wake(word_));
    if (!woke) by.fail("a wake failed: " + woke.why().message());
    if (*woke > 1) by.fail("a wake woke more than it was to");
    woken_ += *woke;
    ++(*woke == 0 ? done.woke_nobody : done.woke);
    co_return;
  }
}

void sleepers::act() {
  by.note("the thread outside", has_, wants_);
  if (by.chance(8)) {
    const unsigned woken = kernel_.wake(reinterpret_cast<const std::uint32_t*>(&word_), 1);
    woken_ += woken;
    done.for_nothing += woken;
  } else if (has_) {
    inside_ = has_ = false;
    if (word_.exchange(is_free) == is_awaited) {
      woken_ += kernel_.wake(reinterpret_cast<const std::uint32_t*>(&word_), 1);
    }
  } else if (std::uint32_t seen = is_free; word_.compare_exchange_strong(seen, is_taken)) {
    if (std::exchange(inside_, true)) by.fail("two have one lock");
    has_ = true;
    --wants_;
    ++done.taken_outside;
  }
}

}  // namespace simulation
