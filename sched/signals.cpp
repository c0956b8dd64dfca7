// SPDX-License-Identifier: MIT
// | variable      | written by                | read by    | pairings                          |
// |---------------|---------------------------|------------|-----------------------------------|
// | signals_taken | who claims and gives back | who claims | none: only who has one uses it    |
#include "signals.hpp"

#include <pthread.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <ctime>
#include <string>
#include <system_error>

namespace lull::detail {
namespace {

constexpr int most_signals = 64;

std::atomic<std::uint64_t> signals_taken{0};

}  // namespace

bool signal_set::add(int number) noexcept {
  const bool of_libc = number > SIGSYS && number < SIGRTMIN;  // it keeps some for its threads
  if (number < 1 || number > most_signals || of_libc || number == SIGKILL || number == SIGSTOP) {
    return false;
  }
  bits_ |= std::uint64_t{1} << (number - 1);
  return true;
}

int signal_set::first() const noexcept { return bits_ == 0 ? 0 : std::countr_zero(bits_) + 1; }

sigset_t signal_set::as_mask() const noexcept {
  sigset_t mask;
  sigemptyset(&mask);
  for (int number = 1; number <= most_signals; ++number) {
    if (has(number)) sigaddset(&mask, number);
  }
  return mask;
}

signal_set stopping_signals() noexcept {
  signal_set both;
  both.add(SIGINT);
  both.add(SIGTERM);
  return both;
}

int open_signals(signal_set which) noexcept {
  const sigset_t mask = which.as_mask();
  const int descriptor = ::signalfd(-1, &mask, SFD_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

bool has_come(signal_set which) noexcept {
  sigset_t open;
  ::sigpending(&open);
  for (int number = 1; number <= most_signals; ++number) {
    if (which.has(number) && sigismember(&open, number) == 1) return true;
  }
  return false;
}

int take_signal(signal_set which) noexcept {
  const sigset_t mask = which.as_mask();
  const timespec at_once{};
  return std::max(::sigtimedwait(&mask, nullptr, &at_once), 0);
}

claimed_signals::claimed_signals(signal_set which) noexcept
    : mine_(which.bits() & ~signals_taken.fetch_or(which.bits(), std::memory_order_relaxed)) {}

claimed_signals::~claimed_signals() {
  signals_taken.fetch_and(~mine_.bits(), std::memory_order_relaxed);
}

claimed_signals claim_stopping_signals() {
  const signal_set both = stopping_signals();
  claimed_signals claimed(both);
  if (claimed.mine().bits() != both.bits()) {
    throw std::system_error(
        EBUSY, std::generic_category(),
        "this runtime cannot handle SIGINT and SIGTERM, for another runtime or a signal_stream "
        "reads them; set run_options::handle_signals to false in all runtimes but one");
  }
  return claimed;
}

blocked_signals::blocked_signals(bool stopping, const std::vector<int>& streamed) {
  signal_set all = stopping ? stopping_signals() : signal_set();
  for (const int number : streamed) {
    if (!all.add(number)) {
      throw std::system_error(EINVAL, std::generic_category(),
                              "run_options::signals names " + std::to_string(number) +
                                  ", which is no signal that can be blocked; leave it out");
    }
    dropped_.add(number);
  }
  dropped_ = not_blocked_here(dropped_);
  const sigset_t mask = all.as_mask();
  ::pthread_sigmask(SIG_BLOCK, &mask, &before_);
}

blocked_signals::~blocked_signals() {
  if (!dropped_.empty()) {
    while (take_signal(dropped_) != 0) {}
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

signal_set not_blocked_here(signal_set which) noexcept {
  sigset_t now;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
  signal_set left;
  for (int number = 1; number <= most_signals; ++number) {
    if (which.has(number) && sigismember(&now, number) == 0) left.add(number);
  }
  return left;
}

}  // namespace lull::detail
