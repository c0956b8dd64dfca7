// SPDX-License-Identifier: MIT
#include "tcp_listener.hpp"

#include <netinet/tcp.h>

#include <utility>

#include "../ring/ring.hpp"
#include "opened_elsewhere.hpp"
#include "socket_options.hpp"

namespace lull {
namespace {

using detail::set_flag;

// A negative errno of the first step that failed.
int bind_and_listen(kernel& seam, int descriptor, const address& local,
                    const listen_options& options, detail::port_claim& claim) noexcept {
  int code = set_flag(seam, descriptor, SOL_SOCKET, SO_REUSEADDR);
  if (code >= 0 && options.across_programs) {
    code = set_flag(seam, descriptor, SOL_SOCKET, SO_REUSEPORT);
  }
  // Inherited by what it accepts.
  if (code >= 0 && options.no_delay) code = set_flag(seam, descriptor, IPPROTO_TCP, TCP_NODELAY);
  if (code < 0) return code;
  if (options.reuse_port && !options.across_programs) {
    return claim.listen(seam, descriptor, local, options.backlog);
  }
  code = seam.bind(descriptor, local.data(), local.size());
  return code < 0 ? code : seam.listen(descriptor, options.backlog);
}

}  // namespace

result<tcp_listener> tcp_listener::bind(const address& local, const listen_options& options) {
  auto& here = detail::io_core::of(detail::this_context("tcp_listener::bind"));
  kernel& seam = here.home.ring->seam();
  if (options.balance != nullptr) options.balance->make_shares();
  const int descriptor = seam.socket(local.family(), SOCK_STREAM, IPPROTO_TCP);
  if (descriptor < 0) return failure(-descriptor, "listen on", local);
  detail::port_claim claim;
  const int code = bind_and_listen(seam, descriptor, local, options, claim);
  if (code < 0) {
    seam.close(descriptor);
    return failure(-code, "listen on", local);
  }
  try {
    auto* const state = new detail::listener_state(
        here, descriptor, detail::local_name(seam, descriptor, local), options.balance);
    state->keep(std::move(claim));
    return tcp_listener(state);
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
}

result<tcp_listener> tcp_listener::of(descriptor listening, const listen_options& options) {
  auto& here = detail::io_core::of(detail::this_context("tcp_listener::of"));
  kernel& seam = here.home.ring->seam();
  if (options.balance != nullptr) options.balance->make_shares();
  const result<void> taken =
      detail::take_stream(listening, false, detail::stream_role::listener, "listen on");
  if (!taken) return taken.why();
  if (options.no_delay) set_flag(seam, listening.get(), IPPROTO_TCP, TCP_NODELAY);
  const address local = detail::local_name(seam, listening.get(), address());
  auto* const state = new detail::listener_state(here, listening.get(), local, options.balance);
  listening.release();
  return tcp_listener(state);
}

}  // namespace lull
