// SPDX-License-Identifier: MIT
#pragma once

// Sending the caller's bytes on a stream. The bytes stay in place while the operation is awaited.
// A connection that the peer has ended gives EPIPE or ECONNRESET, never a signal. Use tcp_stream's
// functions, which make these.

#include <cstddef>
#include <span>

#include "in_whole.hpp"
#include "socket_operation.hpp"

namespace lull::detail {

// Some of the bytes: as many as the socket takes, at least one.
class [[nodiscard]] send_some : public socket_operation<send_some> {
 public:
  static constexpr const char* name = "send";

  send_some(receiving_socket& socket, std::span<const std::byte> from) noexcept
      : socket_operation(socket), from_(from) {}

  void prepare(submission entry) noexcept;
  result<std::size_t> await_resume() noexcept { return end_with_bytes(); }

 private:
  std::span<const std::byte> from_;
};

// All of them. After a failure an unknown part has been sent.
class [[nodiscard]] send_whole : public in_whole<send_whole, socket_operation<send_whole>> {
 public:
  static constexpr const char* name = "send_all";
  static constexpr int no_progress = EPIPE;

  send_whole(receiving_socket& socket, std::span<const std::byte> from) noexcept
      : in_whole(socket), left_(from) {}

  // Nothing to send suspends all the same when the stream is closed: the error has to be found.
  void prepare(submission entry) noexcept;
  void advance(std::size_t bytes) noexcept { left_ = left_.subspan(bytes); }
  bool done() const noexcept { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
};

}  // namespace lull::detail
