// SPDX-License-Identifier: MIT
#include "socket_options.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "../ring/ring.hpp"

namespace lull::detail {
namespace {

// Longer than any name that is asked for here.
struct raw_name {
  sockaddr* generic() noexcept { return reinterpret_cast<sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
};

result<void> set_room(const receiving_socket& socket, int name, std::size_t bytes,
                      const char* what) noexcept {
  const auto value = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
  return set_option(socket, SOL_SOCKET, name, value, what);
}

}  // namespace

result<void> set_option(const receiving_socket& socket, int level, int name, int value,
                        const char* what) noexcept {
  return set_option(socket, level, name, &value, sizeof(value), what);
}

result<void> set_option(const receiving_socket& socket, int level, int name, const void* value,
                        socklen_t bytes, const char* what) noexcept {
  socket.check_core(what);
  const int code = socket.open() ? socket.home().ring->seam().set_option(socket.descriptor(), level,
                                                                         name, value, bytes)
                                 : -EBADF;
  if (code < 0) return failure(-code, what, socket.peer());
  return {};
}

int set_flag(kernel& seam, int descriptor, int level, int name) noexcept {
  const int on = 1;
  return seam.set_option(descriptor, level, name, &on, sizeof(on));
}

result<void> set_receive_room(const receiving_socket& socket, std::size_t bytes) noexcept {
  return set_room(socket, SO_RCVBUF, bytes, "receive_room");
}

result<void> set_send_room(const receiving_socket& socket, std::size_t bytes) noexcept {
  return set_room(socket, SO_SNDBUF, bytes, "send_room");
}

template <class Address>
result<Address> local_name(const receiving_socket& socket) noexcept {
  raw_name name;
  const int code = socket.open() ? socket.home().ring->seam().local_address(
                                       socket.descriptor(), name.generic(), &name.bytes)
                                 : -EBADF;
  if (code < 0) return failure(-code, "local address", socket.peer());
  return Address::from(name.generic(), name.bytes);
}
template result<address> local_name<address>(const receiving_socket&) noexcept;
template result<unix_address> local_name<unix_address>(const receiving_socket&) noexcept;

template <class Address>
Address local_name(kernel& seam, int descriptor, const Address& otherwise) noexcept {
  raw_name name;
  if (seam.local_address(descriptor, name.generic(), &name.bytes) < 0) return otherwise;
  return Address::from(name.generic(), name.bytes);
}
template address local_name(kernel&, int, const address&) noexcept;
template unix_address local_name(kernel&, int, const unix_address&) noexcept;

template <class Address>
Address name_of_peer(kernel& seam, int descriptor) noexcept {
  raw_name name;
  if (seam.peer_address(descriptor, name.generic(), &name.bytes) < 0) return Address();
  return Address::from(name.generic(), name.bytes);
}
template address name_of_peer(kernel&, int) noexcept;
template unix_address name_of_peer(kernel&, int) noexcept;

int bind_name(kernel& seam, int descriptor, int type, const unix_address& local,
              bool replace) noexcept {
  const int code = seam.bind(descriptor, local.data(), local.size());
  if (code != -EADDRINUSE || !replace || !local.is_path()) return code;
  const int removed = seam.remove_unused_name(type, local.data(), local.size());
  return removed < 0 ? code : seam.bind(descriptor, local.data(), local.size());
}

}  // namespace lull::detail
