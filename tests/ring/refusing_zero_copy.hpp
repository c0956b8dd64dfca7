// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that sends without copying meet a socket that can not do that, and are
// refused.

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

namespace test {

class refusing_zero_copy : public passing_kernel {
 public:
  refusing_zero_copy() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0);
  }
  ~refusing_zero_copy() {
    for (const int end : ends_) ::close(end);
  }
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    for (unsigned i = 0; i < memory_->sq.ring_entries; ++i) {
      io_uring_sqe& entry = memory_->sq.sqes[i];
      if (entry.opcode == IORING_OP_SEND_ZC) entry.fd = ends_[0];
    }
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

 private:
  int ends_[2];
  io_uring* memory_ = nullptr;
};

}  // namespace test
