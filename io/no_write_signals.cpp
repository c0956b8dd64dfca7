// SPDX-License-Identifier: MIT
#include "no_write_signals.hpp"

#include <pthread.h>

#include <ctime>

namespace lull::detail {

sigset_t write_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  sigaddset(&set, SIGXFSZ);
  return set;
}

no_write_signals::no_write_signals() noexcept : blocked_here_(write_signals()) {
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &blocked_here_, &before);
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    if (sigismember(&before, number) == 1) sigdelset(&blocked_here_, number);
  }
}

no_write_signals::~no_write_signals() {
  const timespec at_once{};
  while (::sigtimedwait(&blocked_here_, nullptr, &at_once) > 0) {}
  ::pthread_sigmask(SIG_UNBLOCK, &blocked_here_, nullptr);
}

}  // namespace lull::detail
