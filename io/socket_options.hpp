// SPDX-License-Identifier: MIT
#pragma once

// Settings of an open socket: one system call each, on the socket's core. A closed socket gives
// bad_file_descriptor. Use the functions of streams and sockets, which call these.

#include <cstddef>

#include "receiving_socket.hpp"
#include "result.hpp"

namespace lull::detail {

// `what` names the function in messages: a literal.
result<void> set_option(const receiving_socket& socket, int level, int name, int value,
                        const char* what) noexcept;
result<void> set_option(const receiving_socket& socket, int level, int name, const void* value,
                        socklen_t bytes, const char* what) noexcept;

// Switches a flag on, of a descriptor that is no socket object yet; a negative errno if it cannot.
int set_flag(kernel& seam, int descriptor, int level, int name) noexcept;

// What the kernel keeps at most of what has come, or is to go; as much as it can say where that is
// less.
result<void> set_receive_room(const receiving_socket& socket, std::size_t bytes) noexcept;
result<void> set_send_room(const receiving_socket& socket, std::size_t bytes) noexcept;

// The socket's own address, of the family that Address is for.
template <class Address>
result<Address> local_name(const receiving_socket& socket) noexcept;
extern template result<address> local_name<address>(const receiving_socket&) noexcept;
extern template result<unix_address> local_name<unix_address>(const receiving_socket&) noexcept;

// The same of a descriptor that is no socket object yet; `otherwise` when the kernel does not say.
template <class Address>
Address local_name(kernel& seam, int descriptor, const Address& otherwise) noexcept;
extern template address local_name(kernel&, int, const address&) noexcept;
extern template unix_address local_name(kernel&, int, const unix_address&) noexcept;

// And of its peer; no address when the kernel does not say.
template <class Address>
Address name_of_peer(kernel& seam, int descriptor) noexcept;
extern template address name_of_peer(kernel&, int) noexcept;
extern template unix_address name_of_peer(kernel&, int) noexcept;

// Binds to the name of a Unix socket; `replace` removes one at this path that nobody has open any
// more. A negative errno, or what the kernel says.
int bind_name(kernel& seam, int descriptor, int type, const unix_address& local,
              bool replace) noexcept;

}  // namespace lull::detail
