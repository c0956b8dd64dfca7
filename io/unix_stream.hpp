// SPDX-License-Identifier: MIT
#pragma once

// A connection between two processes of this machine over a Unix socket: a stream of bytes
// (byte_stream.hpp says what it can do, costs and promises) over which open descriptors can be
// passed too.

#include "byte_stream.hpp"
#include "descriptor.hpp"
#include "unix_message.hpp"

namespace lull {

class unix_stream : public byte_stream {
 public:
  // No connection: may be assigned to and dropped, nothing else.
  unix_stream() noexcept = default;
  explicit unix_stream(detail::stream_state* owned) noexcept : byte_stream(owned) {}
  // A connection that was opened elsewhere, one of a socketpair(2) say; as of tcp_stream::of.
  static result<unix_stream> of(lull::descriptor connected);

  // co_await: sends at least one byte, and with it all the descriptors, which stay the caller's as
  // well; gives how many bytes. At least one byte has to be given.
  detail::send_message send_message(std::span<const std::byte> bytes,
                                    std::span<const int> descriptors) noexcept {
    return detail::send_message(state(), {}, bytes, descriptors);
  }
  detail::send_message send_message(std::string_view text,
                                    std::span<const int> descriptors) noexcept {
    return send_message(bytes_of(text), descriptors);
  }
  // co_await: bytes into the caller's buffer, and the descriptors that came with the first of them;
  // no bytes at the end of the stream. Other receives lose descriptors (the kernel closes them), so
  // receive() without a buffer must not have been used before: the program stops.
  detail::receive_message receive_message(std::span<std::byte> into) noexcept {
    return detail::receive_message(state(), into);
  }

  // The name that was connected to; of an accepted stream that of its listener, unless the peer
  // has one. In messages: the end of it is kept.
  std::string peer_name() const { return state().peer().to_string(); }
  // A system call.
  result<unix_address> local() const noexcept;
};

}  // namespace lull
