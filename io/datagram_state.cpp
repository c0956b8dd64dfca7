// SPDX-License-Identifier: MIT
#include "datagram_state.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>

#include "message_control.hpp"

namespace lull::detail {

// MSG_TRUNC: the size of what was sent is told also when it does not fit.
void datagram_state::fill_receive(submission entry) noexcept {
  message_ = {};
  message_.msg_namelen = name_room;
  message_.msg_controllen = control_room;
  entry.receive_message_multishot(descriptor(), &message_, pool().group(), MSG_TRUNC);
}

void datagram_state::fill_receive(submission entry, std::span<std::byte> into) noexcept {
  message_ = {};
  message_.msg_name = into.data() + sizeof(message_header);
  message_.msg_namelen = name_room;
  message_.msg_control = into.data() + sizeof(message_header) + name_room;
  message_.msg_controllen = control_room;
  part_ = {into.data() + offset, into.size() - offset};
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  entry.receive_message(descriptor(), &message_, MSG_TRUNC);
}

// Writes the header that the kernel writes for a receive that goes on by itself.
std::int32_t datagram_state::filled(std::span<std::byte> block, std::int32_t result) noexcept {
  if (result < 0) return result;
  const message_header header{
      message_.msg_namelen, static_cast<std::uint32_t>(message_.msg_controllen),
      static_cast<std::uint32_t>(result), static_cast<std::uint32_t>(message_.msg_flags)};
  std::memcpy(block.data(), &header, sizeof(header));
  return static_cast<std::int32_t>(
      std::min<std::size_t>(block.size(), offset + static_cast<std::size_t>(result)));
}

message_view datagram_state::view(std::span<const std::byte> piece) noexcept {
  message_header header;
  std::memcpy(&header, piece.data(), sizeof(header));
  message_view message;
  const auto rest = piece.subspan(sizeof(header));
  message.name = rest.first(std::min<std::size_t>(header.name_bytes, name_room));
  message.control =
      rest.subspan(name_room, std::min<std::size_t>(header.control_bytes, control_room));
  message.size = piece.size() - offset;
  message.sent_size = std::max<std::size_t>(header.bytes, message.size);
  return message;
}

datagram_facts facts_of(const message_view& message) noexcept {
  datagram_facts facts;
  sockaddr_in6 name{};
  std::memcpy(&name, message.name.data(), std::min(sizeof(name), message.name.size()));
  facts.peer = address::from(reinterpret_cast<const sockaddr*>(&name),
                             static_cast<socklen_t>(message.name.size()));
  facts.size = message.size;
  facts.sent_size = message.sent_size;
  for_each_control(message.control, [&](int level, int type, std::span<const std::byte> data) {
    if (level == IPPROTO_IP && type == IP_PKTINFO) {
      const auto info = value_of<in_pktinfo>(data);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_addr = info.ipi_addr;
      facts.destination = address::from(reinterpret_cast<const sockaddr*>(&to), sizeof(to));
      facts.interface = static_cast<unsigned>(info.ipi_ifindex);
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      const auto info = value_of<in6_pktinfo>(data);
      sockaddr_in6 to{};
      to.sin6_family = AF_INET6;
      to.sin6_addr = info.ipi6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr)) to.sin6_scope_id = info.ipi6_ifindex;
      facts.destination = address::from(reinterpret_cast<const sockaddr*>(&to), sizeof(to));
      facts.interface = info.ipi6_ifindex;
    } else if (level == SOL_UDP && type == UDP_GRO) {
      const int bytes = value_of<int>(data);
      // One that was not coalesced may say its own size.
      if (bytes > 0 && static_cast<std::size_t>(bytes) < facts.sent_size) {
        facts.segment_size = static_cast<std::size_t>(bytes);
      }
    }
  });
  return facts;
}

}  // namespace lull::detail
