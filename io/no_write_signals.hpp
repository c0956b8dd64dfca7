// SPDX-License-Identifier: MIT
#pragma once

// Keeps the signals that a refused write sends to the thread that does it from ending the program:
// SIGPIPE of a pipe that nobody reads, SIGXFSZ of a file that may grow no further ('ulimit -f').
// Blocked in the core's thread as long as it has an io layer; the write says EPIPE or EFBIG. At the
// end what came meanwhile is dropped, and the thread has its old mask.

#include <signal.h>

namespace lull::detail {

// SIGPIPE and SIGXFSZ.
sigset_t write_signals() noexcept;

class no_write_signals {
 public:
  no_write_signals() noexcept;
  ~no_write_signals();
  no_write_signals(const no_write_signals&) = delete;
  no_write_signals& operator=(const no_write_signals&) = delete;

 private:
  sigset_t blocked_here_;  // which were not before
};

}  // namespace lull::detail
