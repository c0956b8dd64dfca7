// SPDX-License-Identifier: MIT
#pragma once

// Waiting for a connection. When one has come already, awaiting does not suspend. Being stopped
// ends the wait alone; a connection that comes later is there for the next accept, or closed with
// the listener. Use tcp_listener::accept, which makes this.

#include <coroutine>

#include "listener_state.hpp"
#include "result.hpp"
#include "tcp_stream.hpp"

namespace lull::detail {

class accept_connection : private suspension {
 public:
  explicit accept_connection(listener_state& listener) noexcept
      : suspension(&accept_connection::stopped), listener_(listener) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) noexcept { return begin(awaiting); }
  // Throws std::bad_alloc, with the connection closed.
  result<tcp_stream> await_resume();

 private:
  bool begin(const suspended& awaiting) noexcept;
  static void stopped(stop_hook& hook) noexcept;

  listener_state& listener_;
  int refused_ = 0;
  bool waited_ = false;
};

}  // namespace lull::detail
