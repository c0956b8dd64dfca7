// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that it moves at most so many bytes with one submission, as it may: a
// real one stops short of what it was asked for only now and then.

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>

#include "watching_kernel.hpp"

namespace test {

class short_kernel : public watching_kernel {
 public:
  explicit short_kernel(unsigned most) : most_(most) {}

  // How many submissions it has cut short.
  int shortened() const noexcept { return shortened_; }

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    switch (entry.opcode) {
      case IORING_OP_SEND:
      case IORING_OP_SEND_ZC:
      case IORING_OP_READ:
      case IORING_OP_WRITE:
      case IORING_OP_READ_FIXED:
      case IORING_OP_WRITE_FIXED:
      case IORING_OP_SPLICE:
        if (entry.len <= most_) return;
        entry.len = most_;
        break;
      case IORING_OP_SENDMSG: {
        auto& message = *reinterpret_cast<msghdr*>(entry.addr);
        std::size_t left = most_;
        for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
          left -= message.msg_iov[i].iov_len = std::min(message.msg_iov[i].iov_len, left);
        }
        break;
      }
      default:
        return;
    }
    ++shortened_;
  }

  unsigned most_;
  int shortened_ = 0;
};

}  // namespace test
