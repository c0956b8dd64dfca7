// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a TLS connection whose bytes the kernel encrypts, where this kernel can.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>

#include "tls_pair.hpp"

namespace tls_test {

// As far as a socket that is connected tells.
inline lull::task<bool> kernel_has_tls() {
  auto connecting = tcp_connected();
  auto both = co_await std::move(connecting);
  co_return ::setsockopt(both.client.descriptor(), IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) == 0;
}

// Both sides by the kernel, where it can.
inline lull::task<tls_pair> kernel_connected() {
  auto asking = kernel_has_tls();
  const bool can = co_await std::move(asking);
  auto connecting = tls_connected(true);
  auto both = co_await std::move(connecting);
  CHECK(both.client.kernel_sends() == can);
  CHECK(both.server.kernel_sends() == can);
  co_return both;
}

}  // namespace tls_test
