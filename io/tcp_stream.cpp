// SPDX-License-Identifier: MIT
#include "tcp_stream.hpp"

#include <netinet/tcp.h>

#include <cerrno>

#include "../ring/ring.hpp"

namespace lull {

result<address> tcp_stream::local() const noexcept {
  const detail::stream_state& here = state();
  sockaddr_in6 raw{};
  socklen_t bytes = sizeof(raw);
  auto* generic = reinterpret_cast<sockaddr*>(&raw);
  const int code = here.open()
                       ? here.home().ring->seam().local_address(here.descriptor(), generic, &bytes)
                       : -EBADF;
  if (code < 0) return failure(-code, "local address", here.peer());
  return address::from(generic, bytes);
}

result<void> tcp_stream::no_delay(bool on) noexcept {
  const detail::stream_state& here = state();
  const int value = on ? 1 : 0;
  const int code = here.open()
                       ? here.home().ring->seam().set_option(here.descriptor(), IPPROTO_TCP,
                                                             TCP_NODELAY, &value, sizeof(value))
                       : -EBADF;
  if (code < 0) return failure(-code, "no_delay", here.peer());
  return {};
}

}  // namespace lull
