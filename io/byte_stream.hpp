// SPDX-License-Identifier: MIT
#pragma once

// What streams of bytes have in common, whether they come over TCP or a Unix socket. Belongs to the
// core that accepted or connected it: used, moved and dropped there. The object is one pointer; an
// idle connection costs less than 300 bytes here, and no buffer; a receive that waits while others
// keep every buffer of the core has 4 KiB.
//
// One coroutine may receive while another sends. An end of the stream is a value (no bytes), a
// failure says why. Every operation suspends (receive() only if nothing has come yet), ends when
// its scope is asked to stop, and borrows the caller's bytes only while it is awaited. Dropping an
// open stream closes it too, in the background.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "../sched/task.hpp"
#include "close.hpp"
#include "receive.hpp"
#include "receive_multishot.hpp"
#include "result.hpp"
#include "send.hpp"
#include "shutdown.hpp"
#include "stream_parts.hpp"
#include "stream_state.hpp"

namespace lull {

class byte_stream;
namespace detail {
stream_state& state_of(const byte_stream& open) noexcept;
}

class byte_stream {
 public:
  // co_await: the next bytes, in the core's receive buffers; empty at the end of the stream. The
  // kernel goes on receiving meanwhile: this is the fast way, and costs an idle connection nothing.
  detail::receive_multishot receive() noexcept { return detail::receive_multishot(state()); }
  // co_await: bytes into the caller's buffer; gives their number, 0 at the end of the stream.
  detail::receive_into receive(std::span<std::byte> into) noexcept {
    return detail::receive_into(state(), into);
  }
  // co_await: bytes into several places, which are filled one after the other; where the kernel
  // fills them, 128 at most. Gives their number, 0 at the end of the stream.
  detail::receive_parts receive(std::span<const std::span<std::byte>> places) noexcept {
    return detail::receive_parts(state(), places);
  }
  // co_await: as many bytes as fit; gives their number, which is less only at the end of the
  // stream. After a failure or a stop an unknown part has been received. A task of its own: a
  // frame.
  task<result<std::size_t>> receive_exactly(std::span<std::byte> into);

  // co_await: sends at least one byte; gives how many.
  detail::send_some send(std::span<const std::byte> bytes) noexcept {
    return detail::send_some(state(), bytes);
  }
  detail::send_some send(std::string_view text) noexcept { return send(bytes_of(text)); }
  // co_await: sends everything, or fails with an unknown part sent. Of two at a time the parts come
  // in any order, in the middle of either: many writers share a buffered_writer, or a mutex.
  detail::send_whole send_all(std::span<const std::byte> bytes) noexcept {
    return detail::send_whole(state(), bytes);
  }
  detail::send_whole send_all(std::string_view text) noexcept { return send_all(bytes_of(text)); }
  // co_await: the same of several places, one after the other, 128 with each submission; more than
  // eight take a block of 2 KiB meanwhile, of the core's frame pool.
  detail::send_parts send_all(std::span<const std::span<const std::byte>> places) noexcept {
    return detail::send_parts(state(), places);
  }

  // co_await: ends the sending half; the peer reads the end and may still send.
  detail::shut_down shutdown() noexcept { return detail::shut_down(state()); }
  // co_await: ends whatever is in flight on the stream (operation_canceled), then closes. What is
  // called on the stream afterwards fails with bad_file_descriptor.
  detail::close_socket close() noexcept { return detail::close_socket(state()); }

  // Bytes that the kernel keeps for this stream; it grants up to net.core.rmem_max and wmem_max.
  // A system call each.
  result<void> receive_room(std::size_t bytes) noexcept;
  result<void> send_room(std::size_t bytes) noexcept;

  // There is a connection, and it has not been closed from here.
  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // With whom, as messages say it.
  const peer_name& remote() const noexcept { return state().peer(); }
  // For options that are not named here; -1 once closed. It stays the stream's. A peer that leaves
  // during a long answer is heard of by co_await poll(descriptor(), readiness::peer_ended), in a
  // when_any with the answer: it has gone, or sends no more and may still read.
  int descriptor() const noexcept { return state().descriptor(); }
  // Bytes that have come and were not read yet.
  std::size_t unread() const noexcept { return state().unread_bytes(); }

 protected:
  // No connection: may be assigned to and dropped, nothing else.
  byte_stream() noexcept = default;
  explicit byte_stream(detail::stream_state* owned) noexcept : state_(owned) {}
  byte_stream(byte_stream&&) noexcept = default;
  byte_stream& operator=(byte_stream&&) noexcept = default;
  ~byte_stream() = default;

  static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  detail::stream_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a stream without a connection was used (moved from, perhaps)");
    return *state_;
  }

 private:
  friend detail::stream_state& detail::state_of(const byte_stream& open) noexcept;

  std::unique_ptr<detail::stream_state, detail::abandon_socket> state_;
};

// For operations on several things.
inline detail::stream_state& detail::state_of(const byte_stream& open) noexcept {
  return open.state();
}

}  // namespace lull
