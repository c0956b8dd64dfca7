// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, watched: no completion may say that memory it was given is not there.

#include <liburing.h>

#include <cerrno>

#include "observer.hpp"

namespace test {

class fault_watch : public passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    seen_ = 0;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    const int result = passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    const io_uring_cq& queue = memory_->cq;
    for (; seen_ != io_uring_smp_load_acquire(queue.ktail); ++seen_) {
      const io_uring_cqe& one = queue.cqes[seen_ & queue.ring_mask];
      if (one.res == -EFAULT) ++faults;
      if ((one.flags & IORING_CQE_F_NOTIF) != 0) ++notifications;
    }
    return result;
  }

  int faults = 0;
  int notifications = 0;

 private:
  io_uring* memory_ = nullptr;
  unsigned seen_ = 0;
};

}  // namespace test
