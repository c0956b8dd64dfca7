// SPDX-License-Identifier: MIT
#include "accept.hpp"

#include <cerrno>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "socket_options.hpp"

namespace lull::detail {

bool accept_connection::begin(suspended awaiting) noexcept {
  listener_.check_core("accept");
  if (!listener_.open()) {
    refused_ = EBADF;
    return false;
  }
  if (awaiting.stop_requested()) {
    refused_ = ECANCELED;
    waited_ = refuse(awaiting, "accept");
    if (waited_) listener_.enter();
    return waited_;
  }
  if (listener_.has_news()) return false;
  waited_ = true;
  suspend(awaiting, "accept");
  listener_.enter();
  listener_.wait(*this);
  return true;
}

void accept_connection::stopped(stop_hook& hook) noexcept {
  auto& self = static_cast<accept_connection&>(hook);
  self.refused_ = ECANCELED;
  self.listener_.stop_waiting();
  self.resume();
}

result<stream_state*> accept_connection::take() {
  if (waited_) listener_.leave();
  if (refused_ != 0) return failure(refused_, "accept on", listener_.local());
  const int connection = listener_.take();
  LULL_ASSERT(connection >= 0 || listener_.error() != 0 || !listener_.open(),
              "a connection that one coroutine was woken for was taken by another; let one accept, "
              "and spawn a task for each connection");
  if (connection < 0) {
    const int code = listener_.error() != 0 ? listener_.error() : ECANCELED;
    return failure(code, "accept on", listener_.local());
  }
  io_core& here = listener_.io();
  try {
    auto* const stream =
        new stream_state(here, connection, name_of_peer(connection), listener_.counted_in());
    ++here.statistics.accepted;
    return stream;
  } catch (const std::bad_alloc&) {
    listener_.drop(connection);
    throw;
  }
}

// Asked now, because a connection that the peer has reset cannot tell its peer any more. Who
// connects to a Unix socket seldom has a name: then messages give that of the listener.
peer_name accept_connection::name_of_peer(int connection) const noexcept {
  kernel& seam = listener_.home().ring->seam();
  if (!listener_.local().is_unix()) return detail::name_of_peer<address>(seam, connection);
  const auto name = detail::name_of_peer<unix_address>(seam, connection);
  return name ? peer_name(name) : listener_.local();
}

}  // namespace lull::detail
