// SPDX-License-Identifier: MIT
#pragma once

// An operation that a thread of the kernel does for as long as it takes, with two descriptors. As
// long as no thread has begun it the kernel finds it by neither, so a cancel by descriptor passes
// it by: closing one of them tells the operation, which cancels itself. Core-local.

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
