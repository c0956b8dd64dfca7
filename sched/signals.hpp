// SPDX-License-Identifier: MIT
#pragma once

// Signals as something to be read: blocked in every thread, and read from a descriptor by one
// reader each. For the runtime, which reads those that ask to stop, and for signal_stream.

#include <signal.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace lull::detail {

// By number, 1 to 64.
class signal_set {
 public:
  constexpr signal_set() noexcept = default;

  // False: there is no such signal, or it cannot be caught (SIGKILL, SIGSTOP).
  bool add(int number) noexcept;
  constexpr bool has(int number) const noexcept { return (bits_ >> (number - 1) & 1) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  // The lowest; 0 of none.
  int first() const noexcept;
  sigset_t as_mask() const noexcept;
  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr explicit signal_set(std::uint64_t bits) noexcept : bits_(bits) {}

 private:
  std::uint64_t bits_ = 0;
};

// SIGINT and SIGTERM.
signal_set stopping_signals() noexcept;

// A descriptor to read them from, closed on exec; a negative errno without one.
int open_signals(signal_set which) noexcept;

// Whether one has come that nobody has read. Any thread that blocks them.
bool has_come(signal_set which) noexcept;

// One that has come and that nobody has read, which is read by that; 0: none. Any thread that
// blocks them.
int take_signal(signal_set which) noexcept;

// The signals that somebody in this program reads, so that no two read the same: each would get
// some. Any thread.
class claimed_signals {
 public:
  claimed_signals() noexcept = default;
  // Those of `which` that nobody has.
  explicit claimed_signals(signal_set which) noexcept;
  claimed_signals(claimed_signals&& other) noexcept
      : mine_(std::exchange(other.mine_, signal_set())) {}
  claimed_signals& operator=(claimed_signals&& other) noexcept {
    claimed_signals moved(std::move(other));
    std::swap(mine_, moved.mine_);
    return *this;
  }
  ~claimed_signals();

  signal_set mine() const noexcept { return mine_; }

 private:
  signal_set mine_;
};

// SIGINT and SIGTERM, for a runtime. Throws std::system_error where somebody has one of them.
claimed_signals claim_stopping_signals();

// Signals that are blocked in this thread, and so in all that it starts, for as long as the object
// lives.
class blocked_signals {
 public:
  // `streamed`: those of them that have come and were not read by the end are dropped. Throws
  // std::system_error for one that cannot be blocked.
  blocked_signals(bool stopping, const std::vector<int>& streamed);
  ~blocked_signals();
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

 private:
  signal_set dropped_;
  sigset_t before_{};
};

// Those of `which` that this thread does not block.
signal_set not_blocked_here(signal_set which) noexcept;

}  // namespace lull::detail
