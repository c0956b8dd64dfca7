// SPDX-License-Identifier: MIT
#pragma once

// An operation that a cancel by descriptor passes by: a thread of the kernel does it for as long as
// it takes, with two descriptors, and as long as none has begun it the kernel finds it by neither.
// Closing one of them tells the operation, which cancels itself. Core-local.

#include "../base/intrusive_list.hpp"

namespace lull::detail {

class descriptor_state;

class worker_operation : public list_node {
 public:
  using function = void (*)(worker_operation&) noexcept;

  worker_operation(const descriptor_state& from, const descriptor_state& to,
                   function on_close) noexcept
      : closing(on_close), from_(from), to_(to) {}
  bool uses(const descriptor_state& one) const noexcept { return &from_ == &one || &to_ == &one; }

  function closing;

 private:
  const descriptor_state& from_;
  const descriptor_state& to_;
};

}  // namespace lull::detail
