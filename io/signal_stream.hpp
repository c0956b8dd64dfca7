// SPDX-License-Identifier: MIT
#pragma once

// Signals as a stream: SIGHUP to read the configuration again, SIGUSR1 to print statistics.
//
//   auto signals = lull::signal_stream::open({SIGHUP, SIGUSR1}).value();
//   while (auto came = co_await signals.next()) { if (came->number == SIGHUP) ... }
//
// Any core may have one, which it opens, uses, moves and drops; the object is one pointer and what
// it claims. A signal has one stream at a time in the whole program: opening a second one stops the
// program, as does SIGINT or SIGTERM while the runtime reads them (run_options::handle_signals;
// stop_requested() waits for these). It is for signals to the process (kill), not to one thread.
//
// A signal is read only where no thread takes it before: it has to be blocked in all of them. Name
// it in run_options::signals, which blocks it in all threads of the runtime and in the one that
// calls run; one that is not blocked where a stream is opened stops the program. What comes while
// nobody waits is kept by the kernel: of each signal one, however often it came, but of real-time
// signals (SIGRTMIN and above) all, in order.

#include <sys/signalfd.h>
#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <memory>

#include "../sched/signals.hpp"
#include "close_file.hpp"
#include "file_operation.hpp"
#include "result.hpp"

namespace lull {

struct received_signal {
  int number = 0;
  pid_t sender = 0;  // 0: the kernel, or a process of another namespace
  uid_t user = 0;    // the sender's
  int value = 0;     // what sigqueue sent with it
};

namespace detail {

class [[nodiscard]] read_signal : public file_operation<read_signal> {
 public:
  static constexpr const char* name = "next";

  explicit read_signal(file_state& signals) noexcept : file_operation(signals) {}
  void prepare(submission entry) noexcept { entry.read(file().descriptor(), &raw_, sizeof(raw_)); }
  result<received_signal> await_resume() noexcept;

 private:
  signalfd_siginfo raw_;
};

}  // namespace detail

class signal_stream {
 public:
  // None: may be assigned to and dropped, nothing else.
  signal_stream() noexcept = default;
  // On this core. A system call; does not suspend. EINVAL for what is no signal, and for SIGKILL
  // and SIGSTOP; EMFILE, ENFILE. Throws std::bad_alloc.
  static result<signal_stream> open(std::initializer_list<int> signals);

  // co_await: the next of them. Ends when its scope is asked to stop; what comes then is the next
  // one's. One coroutine at a time: of two it is open which gets what.
  detail::read_signal next() noexcept { return detail::read_signal(state()); }
  // co_await: ends next() (operation_canceled), then closes. What was not read is for another
  // stream, which may be opened once this one is dropped.
  detail::close_file close() noexcept { return detail::close_file(state()); }
  // There is one, and it has not been closed from here.
  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }

 private:
  signal_stream(detail::file_state* owned, detail::claimed_signals claimed) noexcept
      : claimed_(std::move(claimed)), state_(owned) {}
  detail::file_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr,
                "a signal_stream that is not open was used (moved from, perhaps)");
    return *state_;
  }

  detail::claimed_signals claimed_;
  std::unique_ptr<detail::file_state, detail::drop_file> state_;
};

}  // namespace lull
