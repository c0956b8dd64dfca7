// SPDX-License-Identifier: MIT
#pragma once

// A connection on its core: a socket whose pieces are parts of one stream of bytes. Core-local.

#include "receiving_socket.hpp"

namespace lull::detail {

class stream_state final : public receiving_socket {
 public:
  stream_state(io_core& on, int descriptor, const peer_name& peer) noexcept
      : receiving_socket(on, descriptor, peer, false) {}

 private:
  void fill_receive(submission entry) noexcept override {
    entry.receive_multishot(descriptor(), pool().group());
  }
  void fill_receive(submission entry, std::span<std::byte> into) noexcept override {
    entry.receive(descriptor(), into.data(), into.size(), 0);
  }
  std::int32_t filled(std::span<std::byte>, std::int32_t result) noexcept override {
    return result;
  }
};

}  // namespace lull::detail
