// SPDX-License-Identifier: MIT
#pragma once

// Fixes with whom a socket exchanges datagrams: what others send is not received from then on, send
// needs no address, and the machine's answer that nobody listens there is heard
// (connection_refused, at the next operation). Nothing is sent. Use udp_socket::connect, which
// makes this.

#include "datagram_state.hpp"
#include "socket_operation.hpp"

namespace lull::detail {

template <class Address>
class [[nodiscard]] connect_datagrams : public socket_operation<connect_datagrams<Address>> {
 public:
  static constexpr const char* name = "connect";

  connect_datagrams(datagram_state& socket, const Address& to) noexcept
      : socket_operation<connect_datagrams>(socket), socket_(socket), to_(to) {}

  void prepare(submission entry) noexcept {
    entry.connect(socket_.descriptor(), to_.data(), to_.size());
  }
  result<void> await_resume() noexcept {
    const std::int32_t code = this->end();
    if (code < 0) return failure(-code, "connect to", to_);
    socket_.connected_to(to_);
    return {};
  }

 private:
  datagram_state& socket_;
  Address to_;
};

}  // namespace lull::detail
