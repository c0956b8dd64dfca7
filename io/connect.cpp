// SPDX-License-Identifier: MIT
#include "connect.hpp"

#include <netinet/tcp.h>

#include "../ring/ring.hpp"

namespace lull::detail {

stream_state* new_stream(const peer_name& to, int family, int& error) {
  auto& here = io_core::of(this_context("connect"));
  kernel& seam = here.home.ring->seam();
  const int descriptor = seam.socket(family, SOCK_STREAM, family == AF_UNIX ? 0 : int{IPPROTO_TCP});
  if (descriptor < 0) {
    error = -descriptor;
    return nullptr;
  }
  const int on = 1;
  if (family != AF_UNIX) seam.set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  try {
    return new stream_state(here, descriptor, to);
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
}

}  // namespace lull::detail
