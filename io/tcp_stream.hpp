// SPDX-License-Identifier: MIT
#pragma once

// A TCP connection: a stream of bytes (byte_stream.hpp says what it can do, costs and promises),
// with the peer's address and the settings of TCP.

#include "address.hpp"
#include "byte_stream.hpp"

namespace lull {

class tcp_stream : public byte_stream {
 public:
  // No connection: may be assigned to and dropped, nothing else.
  tcp_stream() noexcept = default;
  explicit tcp_stream(detail::stream_state* owned) noexcept : byte_stream(owned) {}

  const address& peer() const noexcept { return state().peer().ip(); }
  // A system call.
  result<address> local() const noexcept;
  // Sends small messages at once (the default of this library). A system call.
  result<void> no_delay(bool on) noexcept;
};

}  // namespace lull
