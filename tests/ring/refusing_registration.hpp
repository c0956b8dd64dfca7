// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that it refuses one kind of registration: an older one, or one that
// lets this user lock no more memory.

#include <liburing.h>

#include "observer.hpp"

namespace test {

class refusing_registration : public passing_kernel {
 public:
  static constexpr unsigned buffer_table = IORING_REGISTER_BUFFERS2;
  static constexpr unsigned memory_in_table = IORING_REGISTER_BUFFERS_UPDATE;

  refusing_registration(unsigned refused, int error) noexcept : refused_(refused), error_(error) {}

  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    if (opcode == refused_) return -error_;
    return passing_kernel::register_with(descriptor, opcode, argument, count);
  }

 private:
  unsigned refused_;
  int error_;
};

}  // namespace test
