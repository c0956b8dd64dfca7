// SPDX-License-Identifier: MIT
#pragma once

// Datagrams between processes of this machine, which arrive whole, in order, and are not lost:
// while the receiver's queue is full a sender tries again, first after 100 us, then after pauses
// four times as long each, up to 102 ms: so give sends to receivers that may hang a time limit.
// Used, moved and dropped on its core. One coroutine may receive while others send; every operation
// suspends, ends when its scope is asked to stop, and borrows the caller's bytes only while it is
// awaited.

#include <memory>
#include <span>
#include <string_view>

#include "close.hpp"
#include "connect_datagrams.hpp"
#include "unix_message.hpp"

namespace lull {

class unix_datagram_socket {
 public:
  // No socket: may be assigned to and dropped, nothing else.
  unix_datagram_socket() noexcept = default;

  // A few system calls, no suspension; no name: the kernel chooses an abstract one, so that others
  // can answer. `replace` removes a socket at this path that takes no datagrams any more. Throws
  // std::bad_alloc.
  static result<unix_datagram_socket> bind(const unix_address& local, bool replace = false);

  // co_await: one datagram into the caller's buffer, with the descriptors that came along; what
  // does not fit is cut off.
  detail::receive_message receive(std::span<std::byte> into) noexcept {
    return detail::receive_message(state(), into);
  }
  // co_await: sends one datagram, with up to 16 descriptors, which stay the caller's as well.
  detail::send_message send_to(const unix_address& to, std::span<const std::byte> bytes,
                               std::span<const int> descriptors = {}) noexcept {
    return detail::send_message(state(), to, bytes, descriptors);
  }
  detail::send_message send_to(const unix_address& to, std::string_view text,
                               std::span<const int> descriptors = {}) noexcept {
    return send_to(to, std::as_bytes(std::span(text.data(), text.size())), descriptors);
  }
  // The same on a connected socket.
  detail::send_message send(std::span<const std::byte> bytes,
                            std::span<const int> descriptors = {}) noexcept {
    return detail::send_message(state(), {}, bytes, descriptors);
  }
  detail::send_message send(std::string_view text, std::span<const int> descriptors = {}) noexcept {
    return send(std::as_bytes(std::span(text.data(), text.size())), descriptors);
  }

  // co_await: talks to this peer alone from now on.
  detail::connect_datagrams<unix_address> connect(const unix_address& to) noexcept {
    return detail::connect_datagrams<unix_address>(state(), to);
  }
  // co_await: ends whatever is in flight (operation_canceled), then closes.
  detail::close_socket close() noexcept { return detail::close_socket(state()); }

  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // A system call.
  result<unix_address> local() const noexcept;
  // For options that are not named here; -1 once closed. It stays the socket's.
  int descriptor() const noexcept { return state().descriptor(); }

 private:
  explicit unix_datagram_socket(detail::datagram_state* owned) noexcept : state_(owned) {}

  detail::datagram_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr,
                "a unix_datagram_socket without a socket was used (moved from, perhaps)");
    return *state_;
  }

  std::unique_ptr<detail::datagram_state, detail::abandon_socket> state_;
};

}  // namespace lull
