// SPDX-License-Identifier: MIT
// What a simulated ring does to connect a socket.
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

sockaddr_in address_in(const io_uring_sqe& entry) noexcept {
  sockaddr_in to{};
  const auto* const from = reinterpret_cast<const void*>(static_cast<std::uintptr_t>(entry.addr));
  std::memcpy(&to, from, std::min<std::size_t>(sizeof(to), entry.off));
  return to;
}

}  // namespace

// To nobody: what is left of the connection is dropped. Refused while the kernel is busy with it.
void simulated_ring::connect(const io_uring_sqe& entry) noexcept {
  if (address_in(entry).sin_family != AF_UNSPEC) return begin(entry);
  if (by_.fault(3)) return complete(entry.user_data, -EBUSY);
  ++kernel_.made.disconnected;
  kernel_.sockets.disconnect(entry.fd);
  complete(entry.user_data, 0);
}

void simulated_ring::go_on_connecting(in_flight& one) noexcept {
  if (address_in(one.entry).sin_family == AF_UNIX) return connect_unix(one);
  const int answer = kernel_.sockets.connect(one.entry.fd, ntohs(address_in(one.entry).sin_port));
  if (answer == -EAGAIN || one.ended) return;
  if (answer == 0) ++kernel_.made.connected;
  complete(one.entry.user_data, answer);
}

}  // namespace simulation
