// SPDX-License-Identifier: MIT
#pragma once

// For tests of how long a core means to sleep.

#include <liburing.h>

#include <chrono>
#include <vector>

#include "observer.hpp"

namespace test {

// Notes how long it was to wait, and does not.
class noting_waits : public passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (wait_for == 0 || argument == nullptr) {
      return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    }
    const auto& given = *static_cast<const io_uring_getevents_arg*>(argument);
    const auto& time = *reinterpret_cast<const __kernel_timespec*>(given.ts);
    limits.push_back(std::chrono::seconds(time.tv_sec) + lull::nanoseconds(time.tv_nsec));
    return passing_kernel::enter(descriptor, submit, 0, flags & ~IORING_ENTER_EXT_ARG, nullptr, 0);
  }

  std::vector<lull::nanoseconds> limits;
};

}  // namespace test
