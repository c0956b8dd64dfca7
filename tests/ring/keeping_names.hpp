// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, but for that it removes no name that a ring asks it to remove.

#include <cstdint>

#include "watching_kernel.hpp"

namespace test {

class keeping_names : public watching_kernel {
 public:
  int kept = 0;

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode != IORING_OP_UNLINKAT) return;
    entry.addr = reinterpret_cast<std::uintptr_t>("");
    ++kept;
  }
};

}  // namespace test
