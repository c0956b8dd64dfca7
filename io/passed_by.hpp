// SPDX-License-Identifier: MIT
#pragma once

// An operation that a cancel by descriptor passes by, and that the close of the descriptor has to
// end all the same: one of a thread of the kernel that has not begun it (splice), one that waits
// for its time to be tried again (a Unix datagram), one that goes on through another descriptor
// (poll). As long as it is in io_core::passed_by it is told of a close, and cancels itself.
// Core-local.

#include "../base/intrusive_list.hpp"

namespace lull::detail {

class passed_by : public list_place<passed_by> {
 public:
  using function = void (*)(passed_by&) noexcept;

  explicit passed_by(function on_close, int descriptor, int other = -1) noexcept
      : closing(on_close), descriptor_(descriptor), other_(other) {}
  bool uses(int descriptor) const noexcept {
    return descriptor == descriptor_ || descriptor == other_;
  }

  function closing;

 private:
  int descriptor_;
  int other_;
};

}  // namespace lull::detail
