// SPDX-License-Identifier: MIT
#pragma once

// The real kernel, which counts the operations on files that go through a ring, and at one of them
// fails it, or calls the test back once it has been handed over. So a test can meet every step of
// what is done in several. What cleans up (close, unlink, cancel) is not counted.

#include <functional>
#include <utility>

#include "watching_kernel.hpp"

namespace test {

class stepping_kernel : public watching_kernel {
 public:
  // From now on the step after `passes` further ones is the one.
  void fail_after(int passes) {
    passes_ = passes;
    then_ = nullptr;
  }
  void call_after(int passes, std::function<void()> then) {
    passes_ = passes;
    then_ = std::move(then);
  }
  // The step was reached.
  bool met() const noexcept { return passes_ < 0; }

  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    see_entries();
    const bool calls = std::exchange(reached_, false);
    const int result =
        passing_kernel::enter(descriptor, submit, calls ? 0 : wait_for, flags, argument, bytes);
    if (calls) std::exchange(then_, nullptr)();
    return result;
  }

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (!counts(entry.opcode) || passes_-- != 0) return;
    if (then_ == nullptr) {
      entry.opcode = 255;  // no such operation
    } else {
      reached_ = true;
    }
  }
  static bool counts(unsigned char operation) noexcept {
    switch (operation) {
      case IORING_OP_OPENAT:
      case IORING_OP_STATX:
      case IORING_OP_WRITE:
      case IORING_OP_FSYNC:
      case IORING_OP_RENAMEAT:
        return true;
      default:
        return false;
    }
  }

  bool reached_ = false;
  int passes_ = 1'000'000;
  std::function<void()> then_;
};

}  // namespace test
