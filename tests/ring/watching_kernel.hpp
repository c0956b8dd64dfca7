// SPDX-License-Identifier: MIT
#pragma once

// The real kernel below one ring at a time, for tests that look at what is handed to it and what it
// says, each once, and may change both.

#include <liburing.h>

#include "observer.hpp"

namespace test {

class watching_kernel : public passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    entries_seen_ = completions_seen_ = 0;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    see_entries();
    const int result = passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    see_completions();
    return result;
  }

 protected:
  virtual void handed_over(io_uring_sqe&) noexcept {}
  virtual void completed(io_uring_cqe&) noexcept {}

  void see_entries() noexcept {
    io_uring_sq& queue = memory_->sq;
    while (entries_seen_ != *queue.ktail) {
      handed_over(queue.sqes[entries_seen_++ & queue.ring_mask]);
    }
  }
  void see_completions() noexcept {
    const io_uring_cq& queue = memory_->cq;
    while (completions_seen_ != io_uring_smp_load_acquire(queue.ktail)) {
      completed(queue.cqes[completions_seen_++ & queue.ring_mask]);
    }
  }

 private:
  io_uring* memory_ = nullptr;
  unsigned entries_seen_ = 0;
  unsigned completions_seen_ = 0;
};

}  // namespace test
