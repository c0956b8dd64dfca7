// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that it moves at most so many bytes with one submission, as it may: a
// real one stops short of what it was asked for only now and then.

#include <liburing.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>

#include "observer.hpp"

namespace test {

class short_kernel : public passing_kernel {
 public:
  explicit short_kernel(unsigned most) : most_(most) {}

  // How many submissions it has cut short.
  int shortened() const noexcept { return shortened_; }

  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    seen_ = 0;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    for (; seen_ != *memory_->sq.ktail; ++seen_) {
      shorten(memory_->sq.sqes[seen_ & memory_->sq.ring_mask]);
    }
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

 private:
  void shorten(io_uring_sqe& entry) noexcept {
    switch (entry.opcode) {
      case IORING_OP_SEND:
      case IORING_OP_SEND_ZC:
      case IORING_OP_READ:
      case IORING_OP_WRITE:
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
  io_uring* memory_ = nullptr;
  unsigned seen_ = 0;
};

}  // namespace test
