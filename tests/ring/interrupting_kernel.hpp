// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but what is cancelled says that it was interrupted, as does what a thread of the
// kernel is busy with when the cancel comes.

#include <liburing.h>

#include "observer.hpp"

namespace test {

class interrupting_kernel : public passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    const int result = passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    const io_uring_cq& queue = memory_->cq;
    for (unsigned i = *queue.khead; i != io_uring_smp_load_acquire(queue.ktail); ++i) {
      io_uring_cqe& one = queue.cqes[i & queue.ring_mask];
      if (one.res != -ECANCELED) continue;
      one.res = -EINTR;
      ++interrupted;
    }
    return result;
  }

  int interrupted = 0;

 private:
  io_uring* memory_ = nullptr;
};

}  // namespace test
