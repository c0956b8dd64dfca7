// SPDX-License-Identifier: MIT
// What a simulated ring does with sockets of datagrams.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

msghdr& message_of(const io_uring_sqe& entry) noexcept {
  return *reinterpret_cast<msghdr*>(static_cast<std::uintptr_t>(entry.addr));
}

std::string bytes_of(const msghdr& message) {
  std::string all;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    all.append(static_cast<const char*>(message.msg_iov[i].iov_base), message.msg_iov[i].iov_len);
  }
  return all;
}

unsigned port_of(const void* name) noexcept {
  sockaddr_in address;
  std::memcpy(&address, name, sizeof(address));
  return ntohs(address.sin_port);
}

sockaddr_in name_of(unsigned port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

}  // namespace

void simulated_ring::begin_datagram(const io_uring_sqe& entry) noexcept {
  in_flight_.push_back({entry});
  if (by_.fault(16)) {
    ++kernel_.made.operations_interrupted;
    return complete(entry.user_data, -EINTR);
  }
  go_on_with_datagrams(in_flight_.back());
}

void simulated_ring::go_on_with_datagrams(in_flight& one) noexcept {
  simulated_network& network = kernel_.network;
  const io_uring_sqe& entry = one.entry;
  if (entry.opcode == IORING_OP_CONNECT) {
    const auto* const to = reinterpret_cast<const void*>(static_cast<std::uintptr_t>(entry.addr));
    return complete(entry.user_data, network.connect(entry.fd, port_of(to)));
  }
  if (entry.opcode == IORING_OP_SENDMSG) {
    const msghdr& message = message_of(entry);
    const unsigned to = message.msg_name == nullptr ? 0 : port_of(message.msg_name);
    const int sent = by_.fault(12) ? -ENOBUFS : network.send(entry.fd, to, bytes_of(message));
    if (sent != -EAGAIN) complete(entry.user_data, sent);
    return;
  }
  if (entry.opcode != IORING_OP_RECVMSG) by_.fail("what is for streams is done with datagrams");
  while (!one.ended) {
    if (const int error = network.take_error(entry.fd); error != 0) {
      return complete(entry.user_data, error);
    }
    if (network.oldest(entry.fd) == nullptr) return;
    if ((entry.flags & IOSQE_BUFFER_SELECT) != 0) {
      receive_datagram_into_buffer(one);
    } else {
      receive_datagram(one);
    }
  }
}

// Of what does not fit it gives the size, if it was asked to, and drops the rest.
void simulated_ring::receive_datagram(in_flight& one) noexcept {
  msghdr& message = message_of(one.entry);
  const sent_datagram& got = *kernel_.network.oldest(one.entry.fd);
  const iovec& into = message.msg_iov[0];
  const std::size_t now = std::min(into.iov_len, got.bytes.size());
  std::memcpy(into.iov_base, got.bytes.data(), now);
  const sockaddr_in name = name_of(got.from);
  std::memcpy(message.msg_name, &name, std::min<std::size_t>(sizeof(name), message.msg_namelen));
  message.msg_namelen = sizeof(name);
  message.msg_controllen = 0;
  message.msg_flags = now < got.bytes.size() ? MSG_TRUNC : 0;
  const bool whole_size = (one.entry.msg_flags & MSG_TRUNC) != 0;
  const std::size_t size = whole_size ? got.bytes.size() : now;
  if (now < got.bytes.size()) ++kernel_.made.truncated;
  kernel_.network.received(one.entry.fd);
  complete(one.entry.user_data, static_cast<std::int32_t>(size));
}

// A header, room for the name and for what comes with it, as the first receive has said; then what
// fits of the bytes.
void simulated_ring::receive_datagram_into_buffer(in_flight& one) noexcept {
  const auto buffer = choose_buffer(one.entry.buf_group);
  if (!buffer || by_.fault(16)) {
    ++kernel_.made.no_buffer;
    return complete(one.entry.user_data, -ENOBUFS);
  }
  const msghdr& shape = message_of(one.entry);
  const sent_datagram& got = *kernel_.network.oldest(one.entry.fd);
  const std::size_t before =
      sizeof(io_uring_recvmsg_out) + shape.msg_namelen + shape.msg_controllen;
  const std::size_t now = std::min<std::size_t>(buffer->bytes - before, got.bytes.size());
  const sockaddr_in name = name_of(got.from);
  io_uring_recvmsg_out header{};
  header.namelen = sizeof(name);
  header.payloadlen =
      static_cast<std::uint32_t>((one.entry.msg_flags & MSG_TRUNC) != 0 ? got.bytes.size() : now);
  header.flags = now < got.bytes.size() ? std::uint32_t{MSG_TRUNC} : 0;
  auto* const into = static_cast<char*>(buffer->data);
  std::memcpy(into, &header, sizeof(header));
  std::memcpy(into + sizeof(header), &name, sizeof(name));
  std::memcpy(into + before, got.bytes.data(), now);
  if (now < got.bytes.size()) ++kernel_.made.truncated;
  kernel_.network.received(one.entry.fd);
  const auto bytes = static_cast<std::uint32_t>(before + now);
  const std::uint32_t flags = IORING_CQE_F_BUFFER |
                              std::uint32_t{buffer->number} << IORING_CQE_BUFFER_SHIFT |
                              use_up(one.entry.buf_group, bytes);
  const bool early = by_.fault(8);
  if (early) ++kernel_.made.ended_early;
  complete(one.entry.user_data, static_cast<std::int32_t>(bytes),
           flags | (early ? 0 : IORING_CQE_F_MORE));
}

}  // namespace simulation
