// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, watched: no completion may say that memory it was given is not there.

#include <cerrno>

#include "watching_kernel.hpp"

namespace test {

class fault_watch : public watching_kernel {
 public:
  int faults = 0;
  int notifications = 0;

 private:
  void completed(io_uring_cqe& one) noexcept override {
    if (one.res == -EFAULT) ++faults;
    if ((one.flags & IORING_CQE_F_NOTIF) != 0) ++notifications;
  }
};

}  // namespace test
