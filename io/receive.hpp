// SPDX-License-Identifier: MIT
#pragma once

// Receiving into the caller's buffer, which stays in place while the operation is awaited. One
// submission; but on a stream whose receive() without a buffer was used before, bytes come by way
// of the core's buffers and are copied. Use tcp_stream::receive, which makes this.

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstring>
#include <span>

#include "receive_multishot.hpp"
#include "socket_operation.hpp"

namespace lull::detail {

class [[nodiscard]] receive_into : public socket_operation<receive_into> {
 public:
  static constexpr const char* name = "receive";

  receive_into(receiving_socket& socket, std::span<std::byte> into) noexcept
      : socket_operation(socket), into_(into), news_(socket), by_pieces_(socket.by_pieces()) {}

  bool await_suspend(suspended awaiting) {
    if (by_pieces_) return news_.begin(awaiting);
    socket().begin_reading(*this);
    return socket_operation::await_suspend(awaiting);
  }
  void prepare(submission entry) noexcept {
    entry.receive(socket().descriptor(), into_.data(),
                  std::min(into_.size(), limits::submission_bytes), 0);
  }
  // 0 bytes: the stream has ended (or no room was given).
  result<std::size_t> await_resume() noexcept {
    if (by_pieces_) return copy();
    socket().end_reading();
    return end_with_bytes();
  }

 private:
  result<std::size_t> copy() noexcept;

  std::span<std::byte> into_;
  news_of_socket news_;
  bool by_pieces_;
};

}  // namespace lull::detail
