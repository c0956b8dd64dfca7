// SPDX-License-Identifier: MIT
#pragma once

// Receiving into the caller's buffer, which stays in place while the operation is awaited. One
// submission; but on a stream whose receive() without a buffer was used before, bytes come by way
// of the core's buffers and are copied. Use tcp_stream::receive, which makes this.

#include <algorithm>
#include <cstddef>
#include <span>

#include "receiving_operation.hpp"

namespace lull::detail {

class [[nodiscard]] receive_into : public receiving_operation<receive_into> {
 public:
  static constexpr const char* name = "receive";

  receive_into(receiving_socket& socket, std::span<std::byte> into) noexcept
      : receiving_operation(socket), into_(into) {}

  void prepare(submission entry) noexcept {
    entry.receive(socket().descriptor(), into_.data(),
                  std::min(into_.size(), limits::submission_bytes), 0);
  }
  // 0 bytes: the stream has ended (or no room was given).
  result<std::size_t> await_resume() noexcept {
    if (came_by_pieces()) return copy();
    const std::int32_t bytes = end_reading();
    if (bytes < 0) return failed(-bytes);
    return static_cast<std::size_t>(bytes);
  }

 private:
  result<std::size_t> copy() noexcept;

  std::span<std::byte> into_;
};

}  // namespace lull::detail
