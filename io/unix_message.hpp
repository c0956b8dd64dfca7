// SPDX-License-Identifier: MIT
#pragma once

// Messages over Unix sockets: bytes, and open descriptors that are passed along. What is received
// is owned from the moment the operation ends: descriptors that nobody takes out of the message are
// closed with it, by the core, and closing one may take as long as its sender wants (a socket that
// lingers). So give the path of such a service to those alone who are trusted that far. Use
// unix_stream and unix_datagram_socket, which make these.

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "descriptor.hpp"
#include "result.hpp"
#include "socket_operation.hpp"
#include "unix_address.hpp"

namespace lull {

struct unix_message {
  std::size_t size = 0;       // bytes that are in the caller's buffer
  std::size_t sent_size = 0;  // of a datagram: bytes that were sent; otherwise as `size`
  unix_address peer;          // who sent the datagram, if it has a name
  descriptor_list descriptors;
  // More came along than 16, or than this process may have; the kernel closed those.
  bool descriptors_lost = false;

  // The end of the datagram was cut off: the buffer was smaller.
  bool truncated() const noexcept { return sent_size > size; }
};

namespace detail {

// Of what passes the most descriptors.
inline constexpr std::size_t rights_room = CMSG_SPACE(descriptor_list::most * sizeof(int));

class [[nodiscard]] receive_message : public socket_operation<receive_message> {
 public:
  static constexpr const char* name = "receive message";

  receive_message(receiving_socket& socket, std::span<std::byte> into) noexcept
      : socket_operation(socket), into_(into) {}

  bool await_suspend(suspended awaiting) noexcept;
  void prepare(submission entry) noexcept;
  result<unix_message> await_resume() noexcept;

 private:
  std::span<std::byte> into_;
  msghdr message_{};
  iovec part_{};
  sockaddr_un name_{};
  std::byte control_[rights_room];
};

class [[nodiscard]] send_message : public socket_operation<send_message>, private passed_by {
 public:
  static constexpr const char* name = "send message";

  // `to`: no name when the socket is connected.
  send_message(receiving_socket& socket, const unix_address& to, std::span<const std::byte> bytes,
               std::span<const int> descriptors) noexcept;

  void prepare(submission entry) noexcept;
  result<std::size_t> await_resume() noexcept;

 private:
  static void sent(completion_target& self, completion what) noexcept;
  static void closed(passed_by& self) noexcept { static_cast<send_message&>(self).cancel(); }

  unix_address to_;
  std::uint8_t refused_ = 0;  // times that there was no room, as far as the pauses differ
  std::span<const std::byte> bytes_;
  std::span<const int> descriptors_;
  msghdr message_{};
  iovec part_{};
  std::byte control_[rights_room];
};

}  // namespace detail
}  // namespace lull
