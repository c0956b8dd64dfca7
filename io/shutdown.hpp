// SPDX-License-Identifier: MIT
#pragma once

// Ends the sending half of a stream: the peer reads the end after what was sent before, and may
// still send. Use tcp_stream::shutdown, which makes this.

#include <sys/socket.h>

#include "socket_operation.hpp"

namespace lull::detail {

class [[nodiscard]] shut_down : public socket_operation<shut_down> {
 public:
  static constexpr const char* name = "shutdown";

  explicit shut_down(receiving_socket& socket) noexcept : socket_operation(socket) {}

  void prepare(submission entry) noexcept { entry.shutdown(socket().descriptor(), SHUT_WR); }
  result<void> await_resume() noexcept {
    const std::int32_t code = end();
    if (code < 0) return failed(-code);
    return {};
  }
};

}  // namespace lull::detail
