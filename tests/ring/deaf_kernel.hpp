// SPDX-License-Identifier: MIT
#pragma once

#include "watching_kernel.hpp"

namespace test {

// A kernel that does not find what the next few cancels name.
class deaf_kernel : public watching_kernel {
 public:
  void miss(int times) noexcept {
    left_ = times;
    found_ = 0;
  }
  // Cancels after those.
  int found() const noexcept { return found_; }
  int left() const noexcept { return left_; }

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode != IORING_OP_ASYNC_CANCEL) return;
    if (left_ == 0) {
      ++found_;
      return;
    }
    entry.addr = 1;  // of nothing
    entry.cancel_flags = 0;
    --left_;
  }

  int left_ = 0;
  int found_ = 0;
};

}  // namespace test
