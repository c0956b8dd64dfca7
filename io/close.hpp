// SPDX-License-Identifier: MIT
#pragma once

// Waits until a socket is closed: everything in flight on it has been cancelled and has ended, and
// the descriptor's number is free. Cannot be cancelled itself. Gives nothing: whatever the kernel
// says, the socket is gone. Use tcp_stream::close and tcp_listener::close, which make this.

#include <coroutine>

#include "socket_state.hpp"

namespace lull::detail {

class [[nodiscard]] close_socket {
 public:
  explicit close_socket(socket_state& socket) noexcept : socket_(socket) {}
  close_socket(const close_socket&) = delete;
  close_socket& operator=(const close_socket&) = delete;

  bool await_ready() const noexcept { return socket_.closed(); }
  void await_suspend(suspended awaiting) noexcept {
    socket_.check_core("close");
    waiter_.is_for(awaiting, "close");
    socket_.close(waiter_);
  }
  void await_resume() const noexcept {}

 private:
  socket_state& socket_;
  ready_node waiter_;
};

}  // namespace lull::detail
