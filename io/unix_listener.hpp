// SPDX-License-Identifier: MIT
#pragma once

// Listens for connections on a Unix socket, on one core: only one socket can have the name, so
// other cores are handed connections, or descriptors. Used and dropped on its core.
//
// A path stays in the file system when the listener has gone, and refuses the next bind, unless
// that one is asked to replace it. Who may connect is decided by the rights to the file (umask).

#include <memory>

#include "accept.hpp"
#include "close.hpp"
#include "descriptor.hpp"
#include "result.hpp"
#include "unix_stream.hpp"

namespace lull {

struct unix_listen_options {
  int backlog = 4096;  // connections that wait in the kernel; net.core.somaxconn caps it
  // Removes a socket at this path on which nobody listens. Of two that start at the same time one
  // may remove the other's: where that can be, a lock on a file decides who binds.
  bool replace = false;
};

class unix_listener {
 public:
  // Binds and listens: a few system calls, no suspension; no name: the kernel chooses an abstract
  // one. Throws std::bad_alloc.
  static result<unix_listener> bind(const unix_address& local,
                                    const unix_listen_options& options = {});
  // One that listens already, as of tcp_listener::of.
  static result<unix_listener> of(descriptor listening);

  // co_await: the next connection. Running out of descriptors is no error: it pauses, says so once
  // on stderr, and goes on. operation_canceled when the listener is closed meanwhile.
  detail::accept_stream<unix_stream> accept() noexcept {
    return detail::accept_stream<unix_stream>(state());
  }
  // co_await: ends a waiting accept; connections that nobody has taken are closed.
  detail::close_socket close() noexcept { return detail::close_socket(state()); }

  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // With the name that the kernel chose when none was given.
  const unix_address& local() const noexcept { return local_; }

 private:
  unix_listener(detail::listener_state* owned, const unix_address& local) noexcept
      : local_(local), state_(owned) {}

  detail::listener_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a unix_listener that was moved from was used");
    return *state_;
  }

  unix_address local_;
  std::unique_ptr<detail::listener_state, detail::abandon_socket> state_;
};

}  // namespace lull
