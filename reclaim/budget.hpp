// SPDX-License-Identifier: MIT
#pragma once

// Bounds on the bytes in limbo, for all participants of a domain together. Every byte in limbo is
// charged; participants charge in grains and keep a little in hand, so an iteration seldom touches
// the shared counter. Past `soft` the epoch is pushed: who holds it up is asked to yield, and more
// is released per quiescent state. Past `hard` nothing is admitted: writers that ask first wait.
// Who retires without asking is charged all the same, and never refused. What is held is not
// charged: a slow holder must not stop the writers. What participants that are online have in hand
// is: two grains each at most, of a 1,024th of the greater bound and at most 1 MiB; so a hard bound
// is more than that, and nobody asks for all of it.
//
// | variable | written by   | read by      | pairings |
// |----------|--------------|--------------|----------|
// | charged_ | participants | participants | none     |

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "../base/assert.hpp"
#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"

namespace lull {

// In bytes of limbo; 0: no such bound. `hard` is at least `soft`.
struct limbo_budget {
  std::size_t soft = 0;
  std::size_t hard = 0;
};

namespace detail {

class charge_account {
 public:
  explicit charge_account(limbo_budget bounds) noexcept
      : soft_(countable(bounds.soft)),
        hard_(countable(bounds.hard)),
        grain_(std::clamp<std::int64_t>(std::max(soft_, hard_) / 1024, 1, 1 << 20)) {}

  bool is_bounded() const noexcept { return soft_ != 0 || hard_ != 0; }
  std::int64_t hard() const noexcept { return hard_; }
  std::int64_t grain() const noexcept { return grain_; }
  std::int64_t charged() const noexcept { return charged_.load(relaxed); }

  void charge(std::int64_t bytes) noexcept { charged_.fetch_add(bytes, relaxed); }
  void give_back(std::int64_t bytes) noexcept { charged_.fetch_sub(bytes, relaxed); }

  // Charges at least `bytes`, and a grain if there is room; returns what was charged, 0 when even
  // `bytes` would go past the hard bound.
  std::int64_t try_charge(std::int64_t bytes) noexcept {
    std::int64_t before = charged_.load(relaxed);
    std::int64_t taken = 0;
    do {
      const std::int64_t room = hard_ == 0 ? INT64_MAX / 2 : hard_ - before;
      if (room < bytes) return 0;
      taken = std::min(std::max(bytes, grain_), room);
    } while (!charged_.compare_exchange_weak(before, before + taken, relaxed, relaxed));
    return taken;
  }

  // 0 below the soft bound, growing to 16 at the hard one: by how much more is to be released.
  std::size_t pressure() const noexcept {
    if (soft_ == 0) return 0;
    const std::int64_t above = charged() - soft_;
    if (above <= 0) return 0;
    const std::int64_t span = std::max<std::int64_t>(hard_ - soft_, 1);
    return 1 + static_cast<std::size_t>(std::min(above, span) * 15 / span);
  }
  // No machine has more, and sums of some of these can still be counted.
  static std::int64_t countable(std::size_t bytes) noexcept {
    return static_cast<std::int64_t>(std::min<std::size_t>(bytes, std::size_t{1} << 58));
  }

 private:
  const std::int64_t soft_;
  const std::int64_t hard_;
  const std::int64_t grain_;
  alignas(cache_line) atomic<std::int64_t> charged_{0};
};

// A participant's part: what it has in hand, of what it charged.
class allowance {
 public:
  explicit allowance(charge_account& account) noexcept : account_(account) {}

  bool is_bounded() const noexcept { return account_.is_bounded(); }

  // Promises `bytes` to who asks, until the end of the iteration; false: not now.
  bool admit(std::size_t bytes) noexcept { return promise(bytes, promised_); }
  // The same to who has waited, and comes to it in a later iteration perhaps: until take_up().
  bool admit_later(std::size_t bytes) noexcept { return promise(bytes, kept_); }
  // That one is here: until the end of the iteration.
  void take_up(std::size_t bytes) noexcept {
    if (!is_bounded()) return;
    LULL_ASSERT(kept_ >= charge_account::countable(bytes),
                "an admission of %zu bytes was taken up that was kept for nobody", bytes);
    kept_ -= charge_account::countable(bytes);
    promised_ += charge_account::countable(bytes);
  }

  // So many bytes went into limbo, or left it.
  void spend(std::size_t bytes) noexcept {
    if (!is_bounded()) return;
    in_hand_ -= charge_account::countable(bytes);
    promised_ = 0;
    if (in_hand_ >= kept_) return;
    account_.charge(kept_ - in_hand_);
    in_hand_ = kept_;
  }
  void regain(std::size_t bytes) noexcept {
    if (!is_bounded()) return;
    in_hand_ += charge_account::countable(bytes);
    const std::int64_t used = promised_ + kept_;
    if (in_hand_ > 2 * account_.grain() + used) give_back_beyond(account_.grain() + used);
  }

  // The iteration is over, and with it what was promised in it; others may have that.
  void forget_promises() noexcept {
    if (std::exchange(promised_, 0) != 0) give_back_beyond(account_.grain() + kept_);
  }
  bool has_promised() const noexcept { return promised_ != 0; }
  // It is offline: that ends an iteration too.
  void give_back_all() noexcept {
    promised_ = 0;
    give_back_beyond(kept_);
  }
  // The participant leaves.
  void end() noexcept {
    kept_ = 0;
    give_back_beyond(0);
  }

 private:
  bool promise(std::size_t bytes, std::int64_t& under) noexcept {
    if (!is_bounded()) return true;
    const std::int64_t asked = charge_account::countable(bytes);
    const std::int64_t missing = asked - (in_hand_ - promised_ - kept_);
    if (missing > 0) {
      const std::int64_t got = account_.try_charge(missing);
      if (got == 0) return false;
      in_hand_ += got;
    }
    under += asked;
    return true;
  }
  void give_back_beyond(std::int64_t kept) noexcept {
    if (in_hand_ <= kept) return;
    account_.give_back(in_hand_ - kept);
    in_hand_ = kept;
  }

  charge_account& account_;
  std::int64_t in_hand_ = 0;
  std::int64_t promised_ = 0;
  std::int64_t kept_ = 0;
};

}  // namespace detail
}  // namespace lull
