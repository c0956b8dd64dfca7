// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but what is cancelled says that it was interrupted, as does what a thread of the
// kernel is busy with when the cancel comes.

#include <cerrno>

#include "watching_kernel.hpp"

namespace test {

class interrupting_kernel : public watching_kernel {
 public:
  int interrupted = 0;

 private:
  void completed(io_uring_cqe& one) noexcept override {
    if (one.res != -ECANCELED) return;
    one.res = -EINTR;
    ++interrupted;
  }
};

}  // namespace test
