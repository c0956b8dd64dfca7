// SPDX-License-Identifier: MIT
#pragma once

// Receiving datagrams: the next one in the core's buffers, from a receive that goes on by itself,
// or one into the caller's buffer. Use udp_socket::receive, which makes these.

#include <sys/socket.h>
#include <sys/uio.h>

#include <coroutine>
#include <cstddef>
#include <span>

#include "datagram.hpp"
#include "datagram_state.hpp"
#include "receiving_operation.hpp"
#include "result.hpp"

namespace lull::detail {

class [[nodiscard]] receive_datagram {
 public:
  explicit receive_datagram(datagram_state& socket) noexcept : socket_(socket), news_(socket) {}
  receive_datagram(const receive_datagram&) = delete;
  receive_datagram& operator=(const receive_datagram&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) { return news_.begin(awaiting); }
  result<datagram> await_resume() noexcept {
    if (const int code = news_.end()) return failure(code, "receive", socket_.peer());
    piece& oldest = socket_.pop();
    received whole(socket_.pool(), oldest);
    socket_.pool().recycle(oldest);
    const datagram_facts facts = facts_of(datagram_state::view(whole));
    return datagram(facts, std::move(whole), datagram_state::offset);
  }

 private:
  datagram_state& socket_;
  news_of_socket news_;
};

class [[nodiscard]] receive_datagram_into : public receiving_operation<receive_datagram_into> {
 public:
  static constexpr const char* name = "receive";

  receive_datagram_into(datagram_state& socket, std::span<std::byte> into) noexcept
      : receiving_operation(socket), socket_(socket), into_(into) {}

  void prepare(submission entry) noexcept;
  result<datagram_facts> await_resume() noexcept;

 private:
  datagram_state& socket_;
  std::span<std::byte> into_;
  msghdr message_{};
  iovec part_{};
  std::byte name_[name_room];
  std::byte control_[control_room];
};

}  // namespace lull::detail
