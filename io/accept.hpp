// SPDX-License-Identifier: MIT
#pragma once

// Waiting for a connection. When one has come already, awaiting does not suspend. Being stopped
// ends the wait alone; a connection that comes later is there for the next accept, or closed with
// the listener. Use the listener's accept, which makes this.

#include <coroutine>

#include "listener_state.hpp"
#include "result.hpp"
#include "stream_state.hpp"

namespace lull::detail {

class accept_connection : private suspension {
 public:
  explicit accept_connection(listener_state& listener) noexcept
      : suspension(&accept_connection::stopped), listener_(listener) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) noexcept { return begin(awaiting); }

 protected:
  // Throws std::bad_alloc, with the connection closed.
  result<stream_state*> take();

 private:
  bool begin(suspended awaiting) noexcept;
  peer_name name_of_peer(int connection) const noexcept;
  static void stopped(stop_hook& hook) noexcept;

  listener_state& listener_;
  int refused_ = 0;
  bool waited_ = false;
};

template <class Stream>
class [[nodiscard]] accept_stream : public accept_connection {
 public:
  using accept_connection::accept_connection;

  result<Stream> await_resume() {
    const result<stream_state*> connection = take();
    if (!connection) return connection.why();
    return Stream(*connection);
  }
};

}  // namespace lull::detail
