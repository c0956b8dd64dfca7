// SPDX-License-Identifier: MIT
#include "ring.hpp"

#include <liburing.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>
#include <thread>

#include "../base/assert.hpp"
#include "../base/atomics.hpp"
#include "restriction.hpp"
#include "setup_error.hpp"

namespace lull {
namespace {

// The flags worth having, the least portable last. What a kernel refuses is dropped one by one.
struct setup_flag {
  unsigned value;
  bool capabilities::* capability;
};

constexpr setup_flag optional_flags[] = {
    {IORING_SETUP_NO_SQARRAY, &capabilities::no_submission_array},
    {IORING_SETUP_DEFER_TASKRUN, &capabilities::deferred_task_work},
};

// What a ring falls back to when locked memory is short: fits in 64 KiB.
constexpr unsigned reduced_submissions = 256;
constexpr unsigned reduced_completions = 512;

// When a ring that is small already is refused for lack of memory.
constexpr unsigned patience_when_small = 100;

// Zero would be the kernel's own choice, which is a second; and it counts in an unsigned.
constexpr std::chrono::milliseconds shortest_idle(1);
constexpr std::chrono::milliseconds longest_idle(std::numeric_limits<unsigned>::max());

// Once a process: every core would say the same.
void say_reduced(unsigned wanted) noexcept {
  static std::atomic_flag said;
  if (said.test_and_set(std::memory_order_relaxed)) return;
  std::fprintf(stderr,
               "lull: the locked-memory limit is too small for a ring of %u completions; going on "
               "with %u submissions and %u completions a core. Raise it with 'ulimit -l unlimited' "
               "(or LimitMEMLOCK=infinity in a systemd unit)\n",
               wanted, reduced_submissions, reduced_completions);
}

}  // namespace

ring::ring(const ring_options& options, kernel& through)
    : kernel_(through),
      options_(options),
      has_(options.allowed),
      ring_(std::make_unique<io_uring>()) {
  LULL_ASSERT(options.submissions >= 1 && options.completions >= options.submissions,
              "a ring was asked for with %u submissions and %u completions; it needs at least one "
              "submission and no fewer completions than submissions",
              options.submissions, options.completions);
  if (options.submission_thread) has_.deferred_task_work = false;  // the kernel has not both
  set_up();
  if (options_.restricted) restrict_to_list();
  try_to_enter();
  if (has_.registered_ring) register_descriptor();
  // A limit, not a need: a kernel without it keeps its own.
  unsigned workers[2] = {options_.workers, options_.workers};
  kernel_.register_with(ring_->ring_fd, IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2);
}

ring::~ring() {
  if (has_.registered_ring) {  // the registration holds the ring: without this it would stay
    io_uring_rsrc_update slot{};
    slot.offset = static_cast<unsigned>(ring_->enter_ring_fd);
    kernel_.register_with(ring_->ring_fd, IORING_UNREGISTER_RING_FDS, &slot, 1);
  }
  kernel_.teardown(*ring_);
}

void ring::set_up() {
  int result = 0;
  const bool is_small = options_.completions <= reduced_completions;
  for (unsigned patience = is_small ? patience_when_small : detail::memory_patience;;) {
    io_uring_params params{};
    params.cq_entries = options_.completions;
    params.flags = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL |
                   IORING_SETUP_SINGLE_ISSUER;
    for (const auto& flag : optional_flags) {
      if (has_.*flag.capability) params.flags |= flag.value;
    }
    if (options_.submission_thread) {
      params.flags |= IORING_SETUP_SQPOLL;
      params.sq_thread_idle = static_cast<unsigned>(
          std::clamp(options_.submission_thread_idle, shortest_idle, longest_idle).count());
    } else {
      params.flags |= IORING_SETUP_TASKRUN_FLAG;
      if (!has_.deferred_task_work) params.flags |= IORING_SETUP_COOP_TASKRUN;
    }
    if (options_.restricted) params.flags |= IORING_SETUP_R_DISABLED;
    result = kernel_.setup(options_.submissions, params, *ring_);
    if (result >= 0) break;
    if (result == -EINVAL && has_.no_submission_array) {
      has_.no_submission_array = false;
    } else if (result == -EINVAL && has_.deferred_task_work) {
      has_.deferred_task_work = false;
    } else if (result == -ENOMEM && patience > 0) {
      --patience;
      std::this_thread::sleep_for(detail::memory_give_back);
    } else if (result == -ENOMEM && options_.completions > reduced_completions) {
      patience = patience_when_small;
      say_reduced(options_.completions);
      options_.submissions = reduced_submissions;
      options_.completions = reduced_completions;
    } else {
      throw setup_error(result, options_.submission_thread);
    }
  }
  if (!(ring_->flags & IORING_SETUP_NO_SQARRAY)) {
    for (unsigned i = 0; i < ring_->sq.ring_entries; ++i) ring_->sq.array[i] = i;
  }
}

void ring::restrict_to_list() {
  const int result = detail::restrict_and_enable(kernel_, ring_->ring_fd);
  if (result >= 0) return;
  kernel_.teardown(*ring_);
  throw restriction_error(result);
}

// A seccomp filter may let a ring be made that nobody may enter.
void ring::try_to_enter() {
  const int result = kernel_.enter(ring_->ring_fd, 0, 0, 0, nullptr, 0);
  if (result != -EPERM && result != -EACCES && result != -ENOSYS) return;
  kernel_.teardown(*ring_);
  throw setup_error(result);
}

void ring::register_descriptor() noexcept {
  io_uring_rsrc_update slot{};
  slot.offset = ~0U;
  slot.data = static_cast<std::uint64_t>(ring_->ring_fd);
  has_.registered_ring =
      kernel_.register_with(ring_->ring_fd, IORING_REGISTER_RING_FDS, &slot, 1) == 1;
  if (!has_.registered_ring) return;
  ring_->enter_ring_fd = static_cast<int>(slot.offset);
  enter_flags_ |= IORING_ENTER_REGISTERED_RING;
}

submission ring::submission_at_once(completion_target* target) noexcept {
  io_uring_sqe* const entry = io_uring_get_sqe(ring_.get());
  if (entry == nullptr) return submission();
  entry->user_data = reinterpret_cast<std::uintptr_t>(target);
  return submission(entry);
}

submission ring::try_submission(completion_target* target) noexcept {
  if (const submission entry = submission_at_once(target)) return entry;
  enter(0, nanoseconds::zero(), options_.submission_thread ? IORING_ENTER_SQ_WAIT : 0);
  return submission_at_once(target);
}

void ring::flush() noexcept {
  io_uring_sq& queue = ring_->sq;
  if (queue.sqe_head == queue.sqe_tail) return;
  if (options_.submission_thread) statistics_.submissions += queue.sqe_tail - queue.sqe_head;
  queue.sqe_head = queue.sqe_tail;
  // order(ring): release, pairs with the kernel's acquire of the submission tail. Without it the
  // kernel may read an entry that is not yet filled in.
  io_uring_smp_store_release(queue.ktail, queue.sqe_tail);
}

bool ring::thread_sleeps() const noexcept {
  return (IO_URING_READ_ONCE(*ring_->sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
}

unsigned ring::unsubmitted() const noexcept {
  // A thread that is awake comes to read what was handed over; one that sleeps has to be woken,
  // and the entry that was to do so may have been refused.
  if (options_.submission_thread && !thread_sleeps()) {
    return ring_->sq.sqe_tail - ring_->sq.sqe_head;
  }
  return unread();
}

unsigned ring::unread() const noexcept {
  // order(ring): acquire, pairs with the kernel's release of the submission head: an entry is
  // filled in again only after the kernel has read it.
  return ring_->sq.sqe_tail - io_uring_smp_load_acquire(ring_->sq.khead);
}

void ring::submit() noexcept { enter(0, nanoseconds::zero()); }

bool ring::submit_and_see(const completion_target& target) noexcept {
  const io_uring_cq& queue = ring_->cq;
  unsigned seen = IO_URING_READ_ONCE(*queue.ktail);
  submit();
  const auto of_target = reinterpret_cast<std::uintptr_t>(&target);
  // order(ring): acquire, pairs with the kernel's release of the completion tail.
  for (const unsigned tail = io_uring_smp_load_acquire(queue.ktail); seen != tail; ++seen)
    if (queue.cqes[seen & queue.ring_mask].user_data == of_target) return true;
  return false;
}

void ring::wait(nanoseconds limit) noexcept { enter(1, limit); }

void ring::enter(unsigned wait_for, nanoseconds limit, unsigned also) noexcept {
  flush();
  unsigned to_submit = 0;
  unsigned flags = enter_flags_ | IORING_ENTER_GETEVENTS | also;
  if (options_.submission_thread) {
    // order(submission_thread): the tail, then the fence, then the flag; pairs with the kernel's
    // full barrier between its flag and its last look at the tail. Without it the thread falls
    // asleep over an entry, and nobody wakes it.
    detail::full_fence();
    if (thread_sleeps()) {
      flags |= IORING_ENTER_SQ_WAKEUP;
    } else if (wait_for == 0 && also == 0 && !flagged()) {
      return;
    }
  } else {
    to_submit = unread();
  }
  __kernel_timespec time{limit.count() / 1'000'000'000, limit.count() % 1'000'000'000};
  io_uring_getevents_arg argument{};
  argument.ts = reinterpret_cast<std::uintptr_t>(&time);
  const bool limited = wait_for != 0 && limit > nanoseconds::zero();
  if (limited) flags |= IORING_ENTER_EXT_ARG;
  const int result = kernel_.enter(ring_->enter_ring_fd, to_submit, wait_for, flags,
                                   limited ? &argument : nullptr, limited ? sizeof(argument) : 0);
  ++statistics_.enters;
  if (result >= 0) {
    statistics_.submissions += static_cast<unsigned>(result);
    return;
  }
  switch (-result) {
    case ETIME:  // the wait is over; what was handed over before it was counted by the kernel
    case EINTR:  // a signal; the loop comes back
      return;
    case EAGAIN:  // no memory for a request now
    case EBUSY:   // completions overflow: reap first
      ++statistics_.refusals;
      return;
    default:
      LULL_ASSERT(false,
                  "entering the ring failed with %s (errno %d); a ring is entered only by the "
                  "thread that made it, and its descriptor is nobody else's to close",
                  std::strerror(-result), -result);
  }
}

bool ring::has_completions() const noexcept {
  // order(ring): acquire, pairs with the kernel's release of the completion tail.
  return io_uring_smp_load_acquire(ring_->cq.ktail) != *ring_->cq.khead;
}

bool ring::flagged() const noexcept {
  constexpr unsigned wants_entry = IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW;
  return (IO_URING_READ_ONCE(*ring_->sq.kflags) & wants_entry) != 0;
}

std::size_t ring::reap() noexcept {
  io_uring_cq& queue = ring_->cq;
  const io_uring_cqe* const entries = queue.cqes;
  const unsigned mask = queue.ring_mask;
  std::size_t count = 0;
  unsigned head = *queue.khead;
  // order(ring): acquire, pairs with the kernel's release of the completion tail. Without it a
  // completion may be read before the kernel has written it.
  for (unsigned tail; (tail = io_uring_smp_load_acquire(queue.ktail)) != head;) {
    for (; head != tail; ++head, ++count) {
      const io_uring_cqe entry = entries[head & mask];
      if (entry.user_data == 0) continue;
      LULL_DEBUG_ASSERT(
          entry.res != -EFAULT,
          "an operation met memory that is not there (EFAULT); it was unmapped, or freed and "
          "protected, before the operation had ended, or is a mapping beyond the end of its file");
      auto& target = *reinterpret_cast<completion_target*>(entry.user_data);
      target.complete(target, completion{entry.res, entry.flags});
    }
    // order(ring): release, pairs with the kernel's acquire of the completion head: a place is
    // filled again only after it has been read.
    io_uring_smp_store_release(queue.khead, head);
  }
  statistics_.completions += count;
  if ((IO_URING_READ_ONCE(*ring_->sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0) {
    ++statistics_.overflows;
  }
  return count;
}

int ring::descriptor() const noexcept { return ring_->ring_fd; }

}  // namespace lull
