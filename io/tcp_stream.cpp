// SPDX-License-Identifier: MIT
#include "tcp_stream.hpp"

#include <netinet/tcp.h>

#include "socket_options.hpp"

namespace lull {

result<address> tcp_stream::local() const noexcept { return detail::local_name<address>(state()); }

result<void> tcp_stream::no_delay(bool on) noexcept {
  return detail::set_option(state(), IPPROTO_TCP, TCP_NODELAY, on, "no_delay");
}

}  // namespace lull
