// SPDX-License-Identifier: MIT
#pragma once

// Listens for TCP connections on one core. Each core binds a listener of its own to the same
// address (reuse_port), and the kernel spreads the connections over them, evenly with an
// accept_balance. Used and dropped on its core.

#include <memory>

#include "accept.hpp"
#include "accept_balance.hpp"
#include "address.hpp"
#include "close.hpp"
#include "descriptor.hpp"
#include "result.hpp"
#include "tcp_stream.hpp"

namespace lull {

struct listen_options {
  int backlog = 4096;      // connections that wait in the kernel; net.core.somaxconn caps it
  bool reuse_port = true;  // listeners of this program's other cores may bind the same port
  // Those of other programs of this user too, and the kernel spreads the connections over all: for
  // a next version that begins before this one ends. Given to all listeners of the port in a
  // program, or to none. Otherwise a port that another program listens on is refused (EADDRINUSE).
  bool across_programs = false;
  bool no_delay = true;  // accepted connections send small messages at once
  // Given to the listener of each core: connections are spread evenly over them.
  accept_balance* balance = nullptr;
};

class tcp_listener {
 public:
  // Binds and listens: a few system calls, no suspension. Throws std::bad_alloc.
  static result<tcp_listener> bind(const address& local, const listen_options& options = {});
  // One that listens already: of a service manager (systemd passes them from number 3 on), or of
  // the program before this one. For several cores each takes a dup(2) of it. Of the options the
  // balance and no_delay count. Closed if it is refused: ENOTSOCK, EPROTOTYPE (not of TCP), EINVAL
  // (it does not listen). It blocks from here on, also for who else has it open. Throws
  // std::bad_alloc.
  static result<tcp_listener> of(descriptor listening, const listen_options& options = {});

  // co_await: the next connection. Running out of descriptors is no error: it pauses, says so once
  // on stderr, and goes on. operation_canceled when the listener is closed meanwhile.
  detail::accept_stream<tcp_stream> accept() noexcept {
    return detail::accept_stream<tcp_stream>(state());
  }
  // co_await: ends a waiting accept; connections that nobody has taken are closed.
  detail::close_socket close() noexcept { return detail::close_socket(state()); }

  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // With the port that the kernel chose when 0 was asked for.
  const address& local() const noexcept { return state().local().ip(); }

 private:
  explicit tcp_listener(detail::listener_state* owned) noexcept : state_(owned) {}

  detail::listener_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a tcp_listener that was moved from was used");
    return *state_;
  }

  std::unique_ptr<detail::listener_state, detail::abandon_socket> state_;
};

}  // namespace lull
