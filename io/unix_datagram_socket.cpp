// SPDX-License-Identifier: MIT
#include "unix_datagram_socket.hpp"

#include "../ring/ring.hpp"
#include "socket_options.hpp"

namespace lull {

result<unix_datagram_socket> unix_datagram_socket::bind(const unix_address& local, bool replace) {
  auto& here = detail::io_core::of(detail::this_context("unix_datagram_socket::bind"));
  kernel& seam = here.home.ring->seam();
  const int descriptor = seam.socket(AF_UNIX, SOCK_DGRAM, 0);
  if (descriptor < 0) return failure(-descriptor, "bind to", local);
  const int code = detail::bind_name(seam, descriptor, SOCK_DGRAM, local, replace);
  if (code < 0) {
    seam.close(descriptor);
    return failure(-code, "bind to", local);
  }
  try {
    return unix_datagram_socket(
        new detail::datagram_state(here, descriptor, detail::local_name(seam, descriptor, local)));
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
}

result<unix_address> unix_datagram_socket::local() const noexcept {
  return detail::local_name<unix_address>(state());
}

}  // namespace lull
