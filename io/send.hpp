// SPDX-License-Identifier: MIT
#pragma once

// Sending the caller's bytes on a stream. The bytes stay in place while the operation is awaited.
// A connection that the peer has ended gives EPIPE or ECONNRESET, never a signal. Use tcp_stream's
// functions, which make these.

#include <cstddef>
#include <span>

#include "socket_operation.hpp"

namespace lull::detail {

// Some of the bytes: as many as the socket takes, at least one.
class send_some : public socket_operation<send_some> {
 public:
  static constexpr const char* name = "send";

  send_some(receiving_socket& socket, std::span<const std::byte> from) noexcept
      : socket_operation(socket), from_(from) {}

  void prepare(submission entry) noexcept;
  result<std::size_t> await_resume() noexcept {
    const std::int32_t sent = end();
    if (sent < 0) return failed(-sent);
    return static_cast<std::size_t>(sent);
  }

 private:
  std::span<const std::byte> from_;
};

// All of them, in one submission unless the kernel stops short. After a failure an unknown part has
// been sent.
class send_whole : public socket_operation<send_whole> {
 public:
  static constexpr const char* name = "send_all";

  send_whole(receiving_socket& socket, std::span<const std::byte> from) noexcept
      : socket_operation(socket), left_(from) {
    complete = &send_whole::sent;
  }

  // Nothing to send suspends all the same when the stream is closed: the error has to be found.
  void prepare(submission entry) noexcept;
  result<void> await_resume() noexcept {
    const std::int32_t last = end();
    if (last < 0) return failed(-last);
    if (!left_.empty()) return failed(stopped_short_);
    return {};
  }

 private:
  static void sent(completion_target& self, completion what) noexcept;

  std::span<const std::byte> left_;
  int stopped_short_ = 0;
};

}  // namespace lull::detail
