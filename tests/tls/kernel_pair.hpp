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

inline lull::tls_client kernel_client() {
  return lull::tls_client({.authorities = common_authority().certificate(), .kernel_sends = true});
}
inline lull::tls_server kernel_server() {
  return lull::tls_server({.identities = {common_identity()}, .kernel_sends = true});
}

// Both sides by the kernel, where it can.
inline lull::task<tls_pair> kernel_connected() {
  auto asking = kernel_has_tls();
  const bool can = co_await std::move(asking);
  auto shaking = shake_hands(kernel_client(), kernel_server());
  auto both = co_await std::move(shaking);
  REQUIRE(both.client_failure.empty());
  REQUIRE(both.server_failure.empty());
  CHECK(both.client.kernel_sends() == can);
  CHECK(both.server.kernel_sends() == can);
  co_return both;
}

}  // namespace tls_test
