// SPDX-License-Identifier: MIT
#include "opened_elsewhere.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <type_traits>

#include "../ring/ring.hpp"
#include "socket_options.hpp"
#include "stream_state.hpp"

namespace lull::detail {
namespace {

// -1 and errno: there is no such socket. Of the real kernel: no other has what somebody else
// opened.
int option_of(const descriptor& socket, int name) noexcept {
  int value = 0;
  socklen_t bytes = sizeof(value);
  return ::getsockopt(socket.get(), SOL_SOCKET, name, &value, &bytes) == 0 ? value : -1;
}

}  // namespace

result<void> take_stream(const descriptor& given, bool unix, stream_role role,
                         const char* what) noexcept {
  const auto refused = [&](int code, const char* why) {
    failure refusal(code, what, failure::thing::descriptor, given.get());
    refusal.reason = why;
    return refusal;
  };
  const int family = option_of(given, SO_DOMAIN);
  if (family < 0) {
    return refused(errno, "it is not open, or no socket; look at what the other side has passed");
  }
  const bool of_family = unix ? family == AF_UNIX : family == AF_INET || family == AF_INET6;
  if (!of_family || option_of(given, SO_TYPE) != SOCK_STREAM) {
    return refused(EPROTOTYPE, unix ? "it is no stream socket of Unix; make another object of it"
                                    : "it is no socket of TCP; make another object of it");
  }
  const bool listens = option_of(given, SO_ACCEPTCONN) == 1;
  if (listens != (role == stream_role::listener)) {
    return refused(EINVAL, listens ? "it listens, and is no connection; make a listener of it"
                                   : "it does not listen; make a stream of it, or call listen(2)");
  }
  ::fcntl(given.get(), F_SETFL, ::fcntl(given.get(), F_GETFL) & ~O_NONBLOCK);
  ::fcntl(given.get(), F_SETFD, FD_CLOEXEC);
  return {};
}

template <class Address>
result<stream_state*> take_connection(lull::descriptor connected, const char* called) {
  auto& here = io_core::of(this_context(called));
  const result<void> taken = take_stream(connected, std::is_same_v<Address, unix_address>,
                                         stream_role::connection, "take over");
  if (!taken) return taken.why();
  const auto peer = name_of_peer<Address>(here.home.ring->seam(), connected.get());
  auto* const state = new stream_state(here, connected.get(), peer);
  connected.release();
  return state;
}
template result<stream_state*> take_connection<address>(lull::descriptor, const char*);
template result<stream_state*> take_connection<unix_address>(lull::descriptor, const char*);

}  // namespace lull::detail
