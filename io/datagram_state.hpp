// SPDX-License-Identifier: MIT
#pragma once

// A socket of datagrams on its core. Each piece is a datagram, laid out as the kernel does it for a
// receive that goes on by itself: a header, room for the sender's name, room for what comes with
// it, the bytes. A receive into a spare block is laid out the same way. Core-local.

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "datagram.hpp"
#include "receiving_socket.hpp"

namespace lull::detail {

// A message as it was received, wherever its parts are.
struct message_view {
  std::span<const std::byte> name;
  std::span<const std::byte> control;
  std::size_t size = 0;
  std::size_t sent_size = 0;
};

// Room in a piece for the sender's address, and for destination and segment size.
inline constexpr std::size_t name_room = 32;
inline constexpr std::size_t control_room = 64;

class datagram_state final : public receiving_socket {
 public:
  // `name`: the socket's own, for messages.
  datagram_state(io_core& on, int descriptor, const peer_name& name) noexcept
      : receiving_socket(on, descriptor, name, true), v6_(name.ip().is_v6()) {}

  bool is_v6() const noexcept { return v6_; }
  // From now on messages name the peer.
  void connected_to(const peer_name& peer) noexcept { set_peer(peer); }

  // Of a piece: where the bytes of the datagram begin, and what is known of it.
  static constexpr std::size_t offset = sizeof(message_header) + name_room + control_room;
  static message_view view(std::span<const std::byte> piece) noexcept;

 private:
  void fill_receive(submission entry) noexcept override;
  void fill_receive(submission entry, std::span<std::byte> into) noexcept override;
  std::int32_t filled(std::span<std::byte> block, std::int32_t result) noexcept override;

  bool v6_;
  msghdr message_{};  // of the receive that is with the kernel
  iovec part_{};
};

// What is known of a datagram that came over IP.
datagram_facts facts_of(const message_view& message) noexcept;

}  // namespace lull::detail
