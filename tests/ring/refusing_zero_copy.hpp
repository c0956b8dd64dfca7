// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that sends without copying meet a socket that can not do that, and are
// refused.

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "watching_kernel.hpp"

namespace test {

class refusing_zero_copy : public watching_kernel {
 public:
  refusing_zero_copy() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0);
  }
  ~refusing_zero_copy() {
    for (const int end : ends_) ::close(end);
  }

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode == IORING_OP_SEND_ZC) entry.fd = ends_[0];
  }

  int ends_[2];
};

}  // namespace test
