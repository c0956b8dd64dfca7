// SPDX-License-Identifier: MIT
#pragma once

// Keeps SIGPIPE, which a write to a pipe that nobody reads sends to the writing thread, from ending
// the program: blocked in the core's thread as long as it has an io layer. The write says EPIPE. At
// the end what came meanwhile is dropped, and the thread has its old mask.

namespace lull::detail {

class no_pipe_signal {
 public:
  no_pipe_signal() noexcept;
  ~no_pipe_signal();
  no_pipe_signal(const no_pipe_signal&) = delete;
  no_pipe_signal& operator=(const no_pipe_signal&) = delete;

 private:
  bool blocked_before_;
};

}  // namespace lull::detail
