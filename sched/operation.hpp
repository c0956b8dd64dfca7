// SPDX-License-Identifier: MIT
#pragma once

// An awaitable that owns one submission until its last completion. Awaiting starts it; its
// completion makes the coroutine ready; a stop request cancels it in the kernel and waits for what
// the kernel then says of both, so the memory it names stays in place as long as the kernel may use
// it, and no cancel comes late. A result that raced with the cancel is delivered like any other
// (but a read that it cut short). Core-affine, no allocation.
//
// Derive from operation<Derived> and give `static constexpr const char* name`, for lists of tasks
// and messages, `void prepare(submission) noexcept` and `await_resume()`,
// which finds what the kernel said in answer(): a negative errno, or what the operation gives.

#include <cerrno>
#include <coroutine>
#include <cstdint>

#include "../base/assert.hpp"
#include "../ring/completion.hpp"
#include "submitter.hpp"
#include "wait_node.hpp"

namespace lull::detail {

class operation_base : public completion_target, protected submitter, private suspension {
 public:
  operation_base(const operation_base&) = delete;
  operation_base& operator=(const operation_base&) = delete;

  bool await_ready() const noexcept { return false; }

 protected:
  operation_base() noexcept
      : completion_target(&operation_base::completed), suspension(&operation_base::stopped) {}

  ~operation_base() {
    LULL_ASSERT(state_ == state::idle || state_ >= state::done,
                "an operation was destroyed while the kernel may still use its memory; a coroutine "
                "that awaits is never destroyed: stop its scope and join it");
  }

  // False: a stop was asked for before it began; the result is -ECANCELED.
  bool start(suspended awaiting, submitter::function fill, const char* name) noexcept;

  // -EAGAIN is of what the kernel needs a thread for, and can start none; or of an operation that
  // something else has ended, as a close does.
  std::int32_t answer() const noexcept { return result_; }
  // Whether it ended because the thread of the kernel that did it was interrupted, with nothing
  // done: by a cancel, but also where the process is stopped and continued (SIGSTOP, ^Z), or the
  // thread had just been started.
  static constexpr bool interrupted(std::int32_t result) noexcept {
    return result < 0 && (result == -EINTR || (result <= first_restart && result >= last_restart));
  }

  // Whether an answer may be that of what was cancelled, and not by this operation.
  static constexpr bool ended_by_another(std::int32_t answer) noexcept {
    return answer == -EINTR || answer == -EAGAIN;
  }

  // The completion function; one of a derived class ends in it.
  static void completed(completion_target& self, completion what) noexcept;
  // For such a function, when there is more to do: submits once more instead. False when it is
  // being cancelled: it is over then.
  bool again(submitter::function fill) noexcept;
  // The same after a while, a longer one each time.
  bool again_later(submitter::function fill, std::uint8_t& times) noexcept;
  // A stop, or what else ends it, has come, and it is not over.
  bool is_ending() const noexcept {
    return state_ >= state::cancelling && state_ <= state::answer_missing;
  }
  // It was cancelled, whatever the kernel made of it.
  bool was_cancelled() const noexcept { return state_ == state::cancelled; }
  // Ends it as a stop does; for a derived class that something else may end as well. Nothing if it
  // is over, or ending already.
  void cancel() noexcept;

 private:
  friend struct cancel_answer<operation_base>;

  // The kernel's own codes (ERESTARTSYS to ERESTART_RESTARTBLOCK), which a system call would have
  // turned into EINTR.
  static constexpr std::int32_t first_restart = -512;
  static constexpr std::int32_t last_restart = -516;

  // Cancelling: the cancel waits for an entry or to be repeated, or the kernel has found what it
  // names. Asked: the cancel is with the kernel; answer missing: the operation has ended meanwhile.
  enum class state : std::uint8_t {
    idle,
    started,
    cancelling,
    asked,
    answer_missing,
    done,
    cancelled
  };

  static void stopped(stop_hook& hook) noexcept;
  static void fill_cancel(submitter& self, submission entry) noexcept;
  void answered(std::int32_t result) noexcept;
  void finish(std::int32_t result) noexcept;

  union {
    cancel_answer<operation_base> cancel_answer_;  // of one that is cancelled
  };
  std::int32_t result_ = 0;
  state state_ = state::idle;
  std::uint8_t repeats_ = 0;
};

template <class Derived>
class operation : public operation_base {
 public:
  bool await_suspend(suspended awaiting) noexcept {
    return start(awaiting, &operation::fill, Derived::name);
  }

 protected:
  static void fill(submitter& self, submission entry) noexcept {
    static_cast<Derived&>(static_cast<operation&>(self)).prepare(entry);
  }
};

}  // namespace lull::detail
