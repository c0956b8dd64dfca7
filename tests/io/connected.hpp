// SPDX-License-Identifier: MIT
#pragma once

// A stream of the core under test and the foreign end of the same connection.

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <utility>

#include "raw_peer.hpp"

namespace io_test {

struct connection {
  connection(lull::tcp_stream s, raw_peer p) noexcept : stream(std::move(s)), peer(std::move(p)) {}

  lull::tcp_stream stream;
  raw_peer peer;
};

// `receive_buffer`: of the peer, in bytes; 0 leaves it to the kernel.
inline lull::task<connection> connected(int receive_buffer = 0) {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  raw_peer peer(listener.local(), receive_buffer);
  auto stream = co_await listener.accept();
  REQUIRE(stream);
  co_return connection(std::move(*stream), std::move(peer));
}

// Makes what the stream holds back in the kernel small.
inline void small_send_buffer(const lull::tcp_stream& stream) {
  const int bytes = 4096;
  ::setsockopt(stream.descriptor(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

// Bytes that differ from place to place.
inline std::string pattern(std::size_t bytes, unsigned seed = 0) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>('a' + (i * 7 + i / 251 + seed) % 26);
  }
  return text;
}

}  // namespace io_test
