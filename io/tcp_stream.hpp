// SPDX-License-Identifier: MIT
#pragma once

// A TCP connection: a stream of bytes (byte_stream.hpp says what it can do, costs and promises),
// with the peer's address and the settings of TCP.

#include <chrono>
#include <span>
#include <string_view>
#include <utility>

#include "address.hpp"
#include "byte_stream.hpp"
#include "descriptor.hpp"
#include "send_zero_copy.hpp"

namespace lull {

struct keep_alive_options {
  std::chrono::seconds idle{
      60};  // after so long without a byte the peer is asked whether it is there
  std::chrono::seconds interval{10};  // between questions that it does not answer
  int questions = 5;  // that it may leave unanswered: then the stream fails, ETIMEDOUT
};

class tcp_stream : public byte_stream {
 public:
  // No connection: may be assigned to and dropped, nothing else.
  tcp_stream() noexcept = default;
  explicit tcp_stream(detail::stream_state* owned) noexcept : byte_stream(owned) {}
  // A connection that was opened elsewhere, and passed on perhaps. Closed if it is refused:
  // ENOTSOCK, EPROTOTYPE (not of TCP), EINVAL (it listens). It blocks, and sends small messages at
  // once, from here on, also for who else has it open. Throws std::bad_alloc.
  static result<tcp_stream> of(lull::descriptor connected);

  // co_await: sends everything, without copying it where that pays and can be done
  // (send_zero_copy.hpp); resumes when the kernel has taken it. The buffer goes with the send, and
  // is destroyed when the kernel does not read it any more; when the send fails or is stopped, too.
  // Until then the connection is open, also when the stream is closed meanwhile: close_patience().
  // Throws std::bad_alloc.
  template <byte_buffer Buffer>
  detail::send_zero_copy send_all_zero_copy(Buffer bytes) {
    return detail::send_zero_copy(state(), std::move(bytes));
  }
  // co_await: the same of bytes that `keep` keeps in place: a hold of an object in a table, which
  // may be retired meanwhile.
  template <byte_keeper Keeper>
  detail::send_zero_copy send_all_zero_copy(Keeper keep, std::span<const std::byte> bytes) {
    return detail::send_zero_copy(state(), std::move(keep), bytes);
  }
  template <byte_keeper Keeper>
  detail::send_zero_copy send_all_zero_copy(Keeper keep, std::string_view text) {
    return send_all_zero_copy(std::move(keep), bytes_of(text));
  }

  const address& peer() const noexcept { return state().peer().ip(); }
  // A system call.
  result<address> local() const noexcept;
  // Sends small messages at once (the default of this library). A system call.
  result<void> no_delay(bool on) noexcept;
  // Finds out that an idle peer is gone. Four system calls.
  result<void> keep_alive(const keep_alive_options& options = {}) noexcept;
  // Fails (timed_out) when the peer has not confirmed what was sent for so long. A system call.
  result<void> confirm_within(std::chrono::milliseconds most) noexcept;
  // How long closing the stream, or dropping it, waits for the peer to confirm more of what was
  // sent by send_all_zero_copy: 10 s unless set; when the runtime ends, once in all and at most
  // half of its shutdown_limit. Then the connection is reset, and what was not confirmed may be
  // lost: io_statistics counts it.
  void close_patience(std::chrono::milliseconds most) noexcept;
  // Closing drops what was not sent yet and resets the connection, so that nothing of it is kept. A
  // system call.
  result<void> reset_on_close(bool on) noexcept;
};

}  // namespace lull
