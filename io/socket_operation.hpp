// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that one submission on a socket does. Derive as from operation<Derived>,
// and end await_resume with end().

#include "descriptor_operation.hpp"
#include "receiving_socket.hpp"
#include "result.hpp"

namespace lull::detail {

template <class Derived>
class socket_operation : public descriptor_operation<Derived, receiving_socket> {
 public:
  // A thread of the kernel that waits is interrupted where the process is stopped and continued.
  static constexpr bool in_vain(std::int32_t result) noexcept {
    return result == -ECANCELED || operation_base::interrupted(result);
  }

 protected:
  explicit socket_operation(receiving_socket& socket) noexcept
      : descriptor_operation<Derived, receiving_socket>(socket) {}

  receiving_socket& socket() const noexcept { return this->state(); }
  // Ends it; the number of bytes that were moved, which is what await_resume gives.
  result<std::size_t> end_with_bytes() noexcept {
    const std::int32_t bytes = this->end();
    if (bytes < 0) return failed(-bytes);
    return static_cast<std::size_t>(bytes);
  }
  failure failed(int code) const noexcept { return failure(code, Derived::name, socket().peer()); }
};

}  // namespace lull::detail
