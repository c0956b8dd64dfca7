// SPDX-License-Identifier: MIT
#pragma once

// An open socket on its core: a descriptor_state that is counted.

#include "descriptor_state.hpp"

namespace lull::detail {

class socket_state : public descriptor_state {
 public:
  // Owns `descriptor` from here on. Counted in the core's statistics.
  socket_state(io_core& on, int descriptor) noexcept;
  ~socket_state() override;

 protected:
  const char* noun() const noexcept override { return "socket"; }
};

// Owns a socket's state for a stream or a listener; letting go abandons it.
struct abandon_socket {
  void operator()(socket_state* socket) const noexcept { socket->abandon(); }
};

}  // namespace lull::detail
