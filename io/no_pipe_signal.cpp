// SPDX-License-Identifier: MIT
#include "no_pipe_signal.hpp"

#include <pthread.h>
#include <signal.h>

#include <ctime>

namespace lull::detail {
namespace {

sigset_t pipe_signal() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

no_pipe_signal::no_pipe_signal() noexcept {
  const sigset_t set = pipe_signal();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  blocked_before_ = sigismember(&before, SIGPIPE) == 1;
}

no_pipe_signal::~no_pipe_signal() {
  if (blocked_before_) return;
  const sigset_t set = pipe_signal();
  const timespec at_once{};
  while (::sigtimedwait(&set, nullptr, &at_once) == SIGPIPE) {}
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace lull::detail
