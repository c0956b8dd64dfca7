// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that one submission on a stream does. Derive as from operation<Derived>,
// and end await_resume with end().

#include "descriptor_operation.hpp"
#include "result.hpp"
#include "stream_state.hpp"

namespace lull::detail {

template <class Derived>
class stream_operation : public descriptor_operation<Derived, stream_state> {
 protected:
  explicit stream_operation(stream_state& stream) noexcept
      : descriptor_operation<Derived, stream_state>(stream) {}

  stream_state& stream() const noexcept { return this->state(); }
  failure failed(int code) const noexcept { return failure(code, Derived::name, stream().peer()); }
};

}  // namespace lull::detail
