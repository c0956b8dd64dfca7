// SPDX-License-Identifier: MIT
// The reference of a timed sleep: a ring made as lull makes its own, entered to wait for nothing
// for a time.

#include <liburing.h>

#include <cstdio>
#include <cstdlib>

#include "sched_contest.hpp"
#include "sched_rows.hpp"

namespace lull::bench {
namespace {

class bare_ring {
 public:
  bare_ring() {
    constexpr unsigned entries = 8;
    const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    if (io_uring_queue_init(entries, &ring_, flags) == 0) return;
    std::perror("bench/sched: a ring by hand");
    std::exit(1);
  }
  bare_ring(const bare_ring&) = delete;
  bare_ring& operator=(const bare_ring&) = delete;
  ~bare_ring() { io_uring_queue_exit(&ring_); }

  void nap(std::chrono::nanoseconds time) {
    __kernel_timespec limit{.tv_sec = 0, .tv_nsec = time.count()};
    io_uring_cqe* none = nullptr;
    io_uring_submit_and_wait_timeout(&ring_, &none, 1, &limit, nullptr);
  }

 private:
  io_uring ring_{};
};

}  // namespace

void nap_of_ring(std::chrono::nanoseconds time) {
  static bare_ring ring;
  ring.nap(time);
}

std::int64_t naps_of_ring(std::size_t count, std::chrono::nanoseconds time) {
  const std::int64_t start = thread_time_ns();
  for (std::size_t i = 0; i < count; ++i) nap_of_ring(time);
  return thread_time_ns() - start;
}

}  // namespace lull::bench
