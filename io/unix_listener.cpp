// SPDX-License-Identifier: MIT
#include "unix_listener.hpp"

#include "../ring/ring.hpp"
#include "opened_elsewhere.hpp"
#include "socket_options.hpp"

namespace lull {

result<unix_listener> unix_listener::bind(const unix_address& local,
                                          const unix_listen_options& options) {
  auto& here = detail::io_core::of(detail::this_context("unix_listener::bind"));
  kernel& seam = here.home.ring->seam();
  const int descriptor = seam.socket(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor < 0) return failure(-descriptor, "listen on", local);
  int code = detail::bind_name(seam, descriptor, SOCK_STREAM, local, options.replace);
  if (code >= 0) code = seam.listen(descriptor, options.backlog);
  if (code < 0) {
    seam.close(descriptor);
    return failure(-code, "listen on", local);
  }
  const unix_address name = detail::local_name(seam, descriptor, local);
  try {
    return unix_listener(new detail::listener_state(here, descriptor, name), name);
  } catch (const std::bad_alloc&) {
    seam.close(descriptor);
    throw;
  }
}

result<unix_listener> unix_listener::of(descriptor listening) {
  auto& here = detail::io_core::of(detail::this_context("unix_listener::of"));
  const result<void> taken =
      detail::take_stream(listening, true, detail::stream_role::listener, "listen on");
  if (!taken) return taken.why();
  const unix_address name =
      detail::local_name(here.home.ring->seam(), listening.get(), unix_address());
  auto* const state = new detail::listener_state(here, listening.get(), name);
  listening.release();
  return unix_listener(state, name);
}

}  // namespace lull
