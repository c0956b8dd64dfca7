// SPDX-License-Identifier: MIT
#include "udp_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include "../ring/ring.hpp"
#include "socket_options.hpp"

namespace lull {
namespace {

using detail::set_option;

// A negative errno of the first step that failed.
int set_up(kernel& seam, int descriptor, const address& local,
           const udp_options& options) noexcept {
  int code = 0;
  if (options.reuse_port) code = detail::set_flag(seam, descriptor, SOL_SOCKET, SO_REUSEPORT);
  if (code >= 0 && local.is_v6()) {
    const int only = options.v6_only ? 1 : 0;
    code = seam.set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
  }
  return code < 0 ? code : seam.bind(descriptor, local.data(), local.size());
}

}  // namespace

result<udp_socket> udp_socket::bind(const address& local, const udp_options& options) {
  auto& here = detail::io_core::of(detail::this_context("udp_socket::bind"));
  kernel& seam = here.home.ring->seam();
  const int descriptor = seam.socket(local.family(), SOCK_DGRAM, IPPROTO_UDP);
  if (descriptor < 0) return failure(-descriptor, "bind to", local);
  const int code = set_up(seam, descriptor, local, options);
  if (code < 0) {
    seam.close(descriptor);
    return failure(-code, "bind to", local);
  }
  try {
    return udp_socket(
        new detail::datagram_state(here, descriptor, detail::local_name(seam, descriptor, local)));
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
}

result<void> udp_socket::destinations(bool on) noexcept {
  const bool v6 = state().is_v6();
  return set_option(state(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, on,
                    "destinations");
}

result<void> udp_socket::coalesce(bool on) noexcept {
  return set_option(state(), SOL_UDP, UDP_GRO, on, "coalesce");
}

result<void> udp_socket::broadcast(bool on) noexcept {
  return set_option(state(), SOL_SOCKET, SO_BROADCAST, on, "broadcast");
}

result<void> udp_socket::hops(int most) noexcept {
  const bool v6 = state().is_v6();
  return set_option(state(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, most,
                    "hops");
}

result<void> udp_socket::receive_room(std::size_t bytes) noexcept {
  return detail::set_receive_room(state(), bytes);
}

result<void> udp_socket::send_room(std::size_t bytes) noexcept {
  return detail::set_send_room(state(), bytes);
}

result<address> udp_socket::local() const noexcept { return detail::local_name<address>(state()); }

}  // namespace lull
