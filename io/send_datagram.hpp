// SPDX-License-Identifier: MIT
#pragma once

// Sending one datagram, or as many as a large one is to be cut into. The bytes stay in place while
// the operation is awaited. Use udp_socket's functions, which make this.

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "address.hpp"
#include "datagram_state.hpp"
#include "socket_operation.hpp"

namespace lull {

struct datagram_send_options {
  // The bytes are sent as datagrams of this size, the last one perhaps smaller, in one system call
  // where the kernel can (UDP_SEGMENT): at most 64 and 65,507 bytes. 0: as one datagram.
  std::size_t segment_size = 0;
  // The address of this machine that it is sent from, and the interface: those of datagram_facts
  // answer a datagram from where it was sent to. Left to the kernel where empty, and where 0.
  address source = {};
  unsigned interface = 0;
};

namespace detail {

class control_writer;

class [[nodiscard]] send_datagram : public socket_operation<send_datagram> {
 public:
  static constexpr const char* name = "send";

  // `to`: empty when the socket is connected.
  send_datagram(datagram_state& socket, const address& to, std::span<const std::byte> bytes,
                const datagram_send_options& options) noexcept
      : socket_operation(socket), to_(to), bytes_(bytes), options_(options) {}

  void prepare(submission entry) noexcept;
  result<void> await_resume() noexcept {
    const std::int32_t code = end();
    if (code >= 0) return {};
    return to_ ? failure(-code, "send to", to_) : failed(-code);
  }

 private:
  void add_way(control_writer& control) const noexcept;

  address to_;
  std::span<const std::byte> bytes_;
  datagram_send_options options_;
  msghdr message_{};
  iovec part_{};
  std::byte control_[64];
};

}  // namespace detail
}  // namespace lull
