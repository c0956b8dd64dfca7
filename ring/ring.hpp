// SPDX-License-Identifier: MIT
#pragma once

// A core's io_uring: entries to fill in, one entry into the kernel for all of them, completions
// handed to their targets. It belongs to the thread that made it, and knows no coroutines.
//
// Costs: preparing a submission is a few stores; submit and wait are one system call each (about
// 100 ns when there is nothing to do); reap() on an empty queue only reads memory.
//
// A full submission queue, EAGAIN, EBUSY and an overflowing completion queue are back-pressure:
// nothing is lost, and the caller tries again after the next reap.

#include <cstddef>
#include <memory>

#include "../base/clock.hpp"
#include "capabilities.hpp"
#include "completion.hpp"
#include "kernel.hpp"
#include "submission.hpp"

namespace lull {

struct ring_options {
  unsigned submissions = 512;   // entries; rounded up to a power of two by the kernel
  unsigned completions = 4096;  // entries; at least as many as submissions
  unsigned workers = 16;        // most kernel worker threads, bounded and unbounded work each
  // The kernel takes nothing through this ring but the operations and registrations that lull uses
  // (restriction.hpp), whoever fills its memory in: no extended attribute is set and no command
  // goes to a device through it, say. Files are opened through it, which a seccomp filter does not
  // see. Costs two system calls at the start and a test of a bit an entry.
  bool restricted = false;
  // A thread of the kernel reads the entries and carries them out (SQPOLL); the core enters only to
  // sleep, and to wake that thread, which falls asleep itself once it has seen no entry for
  // `submission_thread_idle` (1 ms at least). Takes most of the kernel's work off the core, and a
  // processor for it, on which the thread spins while it is awake. It pays where a core is busy all
  // the time and has a processor to spare beside it. Elsewhere it costs: an entry that finds the
  // thread asleep is read some 100 us later, and there is no deferred task work beside it.
  bool submission_thread = false;
  std::chrono::milliseconds submission_thread_idle{10};
  capabilities allowed = {};  // what may be used, if the kernel has it
};

struct ring_statistics {
  std::uint64_t enters = 0;       // system calls
  std::uint64_t submissions = 0;  // entries handed over
  std::uint64_t completions = 0;  // completions handed out
  std::uint64_t refusals = 0;     // EAGAIN and EBUSY: back-pressure of the kernel
  std::uint64_t overflows = 0;    // times the completion queue was found overflown
};

class ring {
 public:
  // Throws std::system_error whose text names the cause (seccomp, sysctl, locked memory, an old
  // kernel) and the remedy. Falls back to 256 and 512 entries, with a message, when the locked
  // memory limit forbids more. A ring that was to be restricted and cannot be is an error too.
  explicit ring(const ring_options& options = {}, kernel& through = real_kernel());
  ~ring();
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;

  // An entry whose completions go to `target` (none: they are dropped). When the queue is full it
  // is handed over first, which waits for a submission thread to begin reading it; still empty if
  // the kernel takes nothing now.
  submission try_submission(completion_target* target) noexcept;
  // The same, empty where the queue is full: nothing is handed over.
  submission submission_at_once(completion_target* target) noexcept;

  // Hands over what was prepared and lets the kernel post what is ready. Does not block.
  void submit() noexcept;
  // The same; whether a completion for that target was posted meanwhile.
  bool submit_and_see(const completion_target& target) noexcept;
  // The same as submit(), then blocks until there is a completion or the time is over (zero: no
  // limit).
  void wait(nanoseconds limit) noexcept;
  // Hands every completion to its target; gives their number.
  std::size_t reap() noexcept;

  // All only read memory. Completions are there to be reaped:
  bool has_completions() const noexcept;
  // The kernel has something to post, and wants to be entered for it:
  bool flagged() const noexcept;
  // Prepared and not yet handed over: submit() has something to do.
  unsigned unsubmitted() const noexcept;
  // Prepared and not yet read by the kernel. More than that only with a submission thread, which
  // reads what was handed over when it comes to it.
  unsigned unread() const noexcept;

  int descriptor() const noexcept;
  const capabilities& has() const noexcept { return has_; }
  const ring_options& options() const noexcept { return options_; }
  const ring_statistics& statistics() const noexcept { return statistics_; }
  kernel& seam() const noexcept { return kernel_; }

 private:
  friend class buffer_ring;

  void set_up();
  void restrict_to_list();
  void try_to_enter();
  void register_descriptor() noexcept;
  void enter(unsigned wait_for, nanoseconds limit, unsigned also = 0) noexcept;
  void flush() noexcept;
  bool thread_sleeps() const noexcept;

  kernel& kernel_;
  ring_options options_;
  capabilities has_;
  std::unique_ptr<io_uring> ring_;
  unsigned enter_flags_ = 0;
  ring_statistics statistics_;
};

}  // namespace lull
