// SPDX-License-Identifier: MIT
#pragma once

// A UDP socket of one core: used, moved and dropped there. One coroutine may receive while others
// send. Every operation suspends (receive() only if nothing has come yet), ends when its scope is
// asked to stop, and borrows the caller's bytes only while it is awaited. Dropping an open socket
// closes it too, in the background.
//
// Where each datagram is answered by a task of its own, all answers of an iteration leave in one
// system call. One task that awaits each send before it receives the next enters the kernel for
// every datagram, and takes 1.5 times the processor time (`./dev bench io`, row echo_datagrams);
// examples/where_from.cpp shows the former.
//
// Datagrams that nobody receives wait in the core's buffers, up to 64 of them, then in the kernel,
// which drops what is too much (receive_room). Each core binds a socket of its own to the same
// address (reuse_port), and the kernel spreads the peers over them.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "close.hpp"
#include "connect_datagrams.hpp"
#include "receive_datagram.hpp"
#include "send_datagram.hpp"

namespace lull {

struct udp_options {
  bool reuse_port = false;  // others of this user may bind the same address, which asked for it too
  bool v6_only = false;     // a socket of [::] takes no IPv4
};

class udp_socket {
 public:
  // No socket: may be assigned to and dropped, nothing else.
  udp_socket() noexcept = default;

  // A few system calls, no suspension. Port 0 lets the kernel choose one. Throws std::bad_alloc.
  static result<udp_socket> bind(const address& local, const udp_options& options = {});

  // co_await: the next datagram, in the core's receive buffers; datagrams that are larger than
  // these (1,936 bytes, see choose_datagram_buffers) are cut off, and say so. The kernel goes on
  // receiving meanwhile: this is the fast way. An empty datagram is one like others.
  detail::receive_datagram receive() noexcept { return detail::receive_datagram(state()); }
  // co_await: one datagram into the caller's buffer; what does not fit is cut off. After the first
  // receive() without a buffer they come by way of the core's buffers and are copied.
  detail::receive_datagram_into receive(std::span<std::byte> into) noexcept {
    return detail::receive_datagram_into(state(), into);
  }

  // co_await: sends one datagram. That it was sent says nothing of whether it arrives.
  detail::send_datagram send_to(const address& to, std::span<const std::byte> bytes,
                                const datagram_send_options& options = {}) noexcept {
    return detail::send_datagram(state(), to, bytes, options);
  }
  detail::send_datagram send_to(const address& to, std::string_view text,
                                const datagram_send_options& options = {}) noexcept {
    return send_to(to, bytes_of(text), options);
  }
  // The same on a connected socket. connection_refused: what was sent before reached nobody, and
  // this has not been sent; send it again.
  detail::send_datagram send(std::span<const std::byte> bytes,
                             const datagram_send_options& options = {}) noexcept {
    return detail::send_datagram(state(), address(), bytes, options);
  }
  detail::send_datagram send(std::string_view text,
                             const datagram_send_options& options = {}) noexcept {
    return send(bytes_of(text), options);
  }

  // co_await: talks to this peer alone from now on. What others sent before may still be there.
  detail::connect_datagrams<address> connect(const address& to) noexcept {
    return detail::connect_datagrams<address>(state(), to);
  }
  // co_await: ends whatever is in flight (operation_canceled), then closes.
  detail::close_socket close() noexcept { return detail::close_socket(state()); }

  // Each is one system call.
  // Tells where each datagram was sent to, and by which interface it came.
  result<void> destinations(bool on) noexcept;
  // Lets the kernel hand over several datagrams of a peer as one (UDP_GRO); its segment_size tells
  // them apart. Needs buffers of up to 64 KiB.
  result<void> coalesce(bool on) noexcept;
  result<void> broadcast(bool on) noexcept;
  // How many routers a datagram may pass.
  result<void> hops(int most) noexcept;
  // Bytes that the kernel keeps for this socket; it grants up to net.core.rmem_max and wmem_max.
  result<void> receive_room(std::size_t bytes) noexcept;
  result<void> send_room(std::size_t bytes) noexcept;
  result<address> local() const noexcept;

  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // For options that are not named here; -1 once closed. It stays the socket's.
  int descriptor() const noexcept { return state().descriptor(); }

 private:
  explicit udp_socket(detail::datagram_state* owned) noexcept : state_(owned) {}

  static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  detail::datagram_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a udp_socket without a socket was used (moved from, perhaps)");
    return *state_;
  }

  std::unique_ptr<detail::datagram_state, detail::abandon_socket> state_;
};

}  // namespace lull
