// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but its threads have not begun what they were given when somebody looks for that
// by descriptor, so nothing is found; and so many splices they give up with what the kernel says
// where a system call would be begun again.

#include "watching_kernel.hpp"

namespace test {

class idle_workers : public watching_kernel {
 public:
  explicit idle_workers(int gives_up = 0) : gives_up_(gives_up) {}

  bool idle = false;
  int looked_for = 0;
  int gave_up = 0;

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (idle && entry.opcode == IORING_OP_ASYNC_CANCEL &&
        (entry.cancel_flags & IORING_ASYNC_CANCEL_FD) != 0) {
      ++looked_for;
      become_nop(entry);
    } else if (entry.opcode == IORING_OP_SPLICE && gives_up_ > 0) {
      --gives_up_;
      given_up_ = entry.user_data;
      become_nop(entry);
    }
  }
  void completed(io_uring_cqe& one) noexcept override {
    if (given_up_ == 0 || one.user_data != given_up_) return;
    given_up_ = 0;
    ++gave_up;
    one.res = -512;  // ERESTARTSYS
  }
  static void become_nop(io_uring_sqe& entry) noexcept {
    const auto target = entry.user_data;
    entry = {};
    entry.opcode = IORING_OP_NOP;
    entry.user_data = target;
  }

  int gives_up_;
  unsigned long long given_up_ = 0;
};

}  // namespace test
