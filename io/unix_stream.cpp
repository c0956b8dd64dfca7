// SPDX-License-Identifier: MIT
#include "unix_stream.hpp"

#include "../ring/ring.hpp"
#include "opened_elsewhere.hpp"
#include "socket_options.hpp"

namespace lull {

result<unix_stream> unix_stream::of(lull::descriptor connected) {
  auto& here = detail::io_core::of(detail::this_context("unix_stream::of"));
  const result<void> taken =
      detail::take_stream(connected, true, detail::stream_role::connection, "take over");
  if (!taken) return taken.why();
  const auto peer = detail::name_of_peer<unix_address>(here.home.ring->seam(), connected.get());
  unix_stream stream(new detail::stream_state(here, connected.get(), peer));
  connected.release();
  return stream;
}

result<unix_address> unix_stream::local() const noexcept {
  return detail::local_name<unix_address>(state());
}

}  // namespace lull
