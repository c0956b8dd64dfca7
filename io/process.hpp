// SPDX-License-Identifier: MIT
#pragma once

// Child processes. start_process() starts a program and gives a process, which talks to it over
// pipes, waits for its end, and signals it; run_process() (run_process.hpp) does all of that and
// gives what the program printed. Belongs to the core that started it: used, moved and dropped
// there. In a runtime: the starting blocks, so a thread of the offload pool does it.
//
// A child is waited for from its start on, so it is no zombie when nobody asks for its end. A
// process that is dropped while its child runs kills it (SIGKILL), and the core waits for it before
// it ends; what the child itself has started lives on. The child has standard input, output and
// errors, and of other descriptors what this program lets be inherited: those that lull opens are
// closed on exec. No signal is blocked in it.
//
// With gcc 12 make the options, and the task, in statements of their own: it goes wrong with
// aggregates in a co_await expression.
//
// This program must neither ignore SIGCHLD nor wait for any child (wait, waitpid(-1)): the status
// would be lost, and wait() fails with ECHILD.

#include <signal.h>
#include <sys/types.h>

#include "../sched/task.hpp"
#include "pipe.hpp"
#include "process_state.hpp"
#include "result.hpp"
#include "spawn.hpp"

namespace lull {

namespace detail {

class [[nodiscard]] wait_for_process : private wait_node {
 public:
  explicit wait_for_process(process_state& process) noexcept : process_(process) {}

  bool await_ready() const noexcept {
    process_.check_core("wait");
    return process_.ended();
  }
  bool await_suspend(suspended awaiting) noexcept {
    if (!suspend(awaiting, "process::wait")) return stepped_back();
    waits_ = true;
    process_.wait(*this);
    return true;
  }
  result<exit_status> await_resume() noexcept;

 private:
  process_state& process_;
  bool waits_ = false;
};

}  // namespace detail

class process {
 public:
  // None: may be assigned to and dropped, nothing else.
  process() noexcept = default;

  // Those that were asked for as child_stream::pipe. The child reads an end of its input when
  // `input` is closed or dropped.
  pipe_writer input;
  pipe_reader output;
  pipe_reader errors;

  // co_await: until it has ended; gives how, as often as one asks. Any number of coroutines may
  // wait. A stop ends the waiting and not the child. ECHILD: somebody else has taken its end.
  detail::wait_for_process wait() noexcept { return detail::wait_for_process(state()); }
  // Sends it a signal, unless it has ended (ESRCH): never to another process of its number. EPERM:
  // it has become another user. A system call.
  result<void> send_signal(int number) noexcept;
  // There is one, and its end is not known yet.
  bool is_running() const noexcept { return state_ != nullptr && !state_->ended(); }
  // Its number; another process may have it once the child has ended.
  pid_t id() const noexcept { return state().id(); }

 private:
  friend task<result<process>> start_process(process_options options);

  detail::process_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a process without a child was used (moved from, perhaps)");
    return *state_;
  }

  detail::process_owner state_;
};

// co_await: starts it, and returns when it runs its program. Stopped or failed, nothing is left of
// it: what was started in spite of the stop is killed in the background. ENOENT (no such program or
// working directory, or no interpreter of the script), EACCES, E2BIG, EAGAIN (too many processes),
// EMFILE, ENOMEM, EINVAL (a zero byte in a text). Throws std::bad_alloc.
task<result<process>> start_process(process_options options);

}  // namespace lull
