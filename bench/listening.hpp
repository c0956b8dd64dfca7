// SPDX-License-Identifier: MIT
#pragma once

// The address of those that are compared, and the listening socket of a server that is written by
// hand, which ends the program where there is none.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lull::bench {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// On loopback. `flags` of socket() beside those that it always has.
inline int listen_on(std::uint16_t port, int flags = 0) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // for what it accepts
  const sockaddr_in address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 4096) != 0) {
    std::fprintf(stderr, "%s: port %u cannot be listened on (is it in use?): %s\n",
                 program_invocation_short_name, static_cast<unsigned>(port), std::strerror(errno));
    std::exit(1);
  }
  return listener;
}

}  // namespace lull::bench
