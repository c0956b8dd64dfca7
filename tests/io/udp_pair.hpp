// SPDX-License-Identifier: MIT
#pragma once

// Two UDP sockets of the core under test, and the kernels that a receive of datagrams runs on.

#include <lull/io/udp_socket.hpp>
#include <string>
#include <utility>
#include <vector>

#include "on_core.hpp"

namespace io_test {

struct udp_pair {
  explicit udp_pair(const lull::udp_options& options = {},
                    const lull::address& on = lull::address::loopback(0))
      : near(lull::udp_socket::bind(on, options).value()),
        far(lull::udp_socket::bind(on, options).value()) {}

  lull::udp_socket near;
  lull::udp_socket far;
};

inline std::vector<lull::core_options> ways_to_receive_datagrams() {
  return {{},
          without(&lull::capabilities::multishot_message),
          without(&lull::capabilities::buffer_ring)};
}

}  // namespace io_test
