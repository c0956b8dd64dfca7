// SPDX-License-Identifier: MIT
#include "socket_state.hpp"

#include <sys/socket.h>

namespace lull::detail {

socket_state::socket_state(io_core& on, int descriptor) noexcept
    : descriptor_state(on, descriptor) {
  ++io().statistics.sockets;
}

socket_state::~socket_state() { --io().statistics.sockets; }

}  // namespace lull::detail
