// SPDX-License-Identifier: MIT
#pragma once

// Writes a stream of bytes through a buffer: what is written in one iteration goes out in one send,
// however many writes it was. Does not own the stream, which stays where it is as long as the
// writer lives; send by the writer alone. Belongs to the stream's core. Several coroutines may
// write: their bytes go out whole, in the order of the writes.
//
// A write copies its bytes and does not suspend, unless more than the bound would be unsent then:
// it goes on as room comes, so a peer that reads slowly slows its writer down. Sending goes on in
// the background, by a task of the core that begins at the end of the iteration, so a write may
// come to nothing later: the failure of a send is that of the next write or flush, and of all that
// follow, for there is a gap in what the peer gets then. Only flush says that all was sent.
//
// Dropping a writer drops what it has not begun to send. A send that is in flight goes on, from
// memory that stays as long as the kernel reads it, until it is done or the stream is closed or
// dropped. So who ends a conversation flushes first:
//
//   (void)co_await lull::shield(lull::timeout(1s, writer.flush()));
//
// No stop reaches the sends, so a shield without a time waits for a peer that does not read, and
// the end of the runtime with it.
//
// Costs a frame of the core's pool for each time that it begins to send; a writer with nothing
// unsent has no buffer. What is unsent lies in the core's pool up to 2 KiB, on the heap beyond.

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "../sched/core.hpp"
#include "../sched/sleep.hpp"
#include "../sched/task.hpp"
#include "limits.hpp"
#include "stream_concepts.hpp"
#include "writer_state.hpp"

namespace lull {
namespace detail {

// Sends until nothing is left. `stream` is there as long as there is something to send: a writer
// that goes takes the rest with it.
template <class Stream>
task<> send_written(writer_state& state, Stream& stream) {
  while (state.has_more()) {
    co_await sleep(nanoseconds::zero());  // all that this iteration writes goes out together
    const auto bytes = state.next();
    if (bytes.empty()) break;
    int error = 0;
    try {
      auto sent = co_await stream.send_all(bytes);
      if (!sent) error = sent.why().code;
    } catch (const std::bad_alloc&) {
      error = ENOMEM;
    }
    state.sent(error);
  }
  state.sender_ended();
}

}  // namespace detail

template <sending_stream Stream>
class buffered_writer {
 public:
  // `bound`: the most that may be unsent, in bytes. Throws std::bad_alloc.
  explicit buffered_writer(Stream& to, std::size_t bound = limits::unsent_bytes)
      : state_(new detail::writer_state(bound, &buffered_writer::start_sending, &to,
                                        detail::name_of(to))) {}

  // co_await: takes the bytes, which are the caller's again then. After a failure, or a stop while
  // it waits for room, an unknown part of them has been taken. Throws std::bad_alloc, with nothing
  // taken.
  detail::write_buffered write(std::span<const std::byte> bytes) noexcept {
    return detail::write_buffered(state(), bytes);
  }
  detail::write_buffered write(std::string_view text) noexcept {
    return write(std::as_bytes(std::span(text.data(), text.size())));
  }
  // The same where there is room for all of it now; never suspends. False, with nothing taken,
  // where there is none, as always for more than the bound, or after a failure, which the next
  // write or flush says: for a peer that is dropped, or gets less, when it is slow. Throws
  // std::bad_alloc, with nothing taken.
  [[nodiscard]] bool try_write(std::span<const std::byte> bytes) {
    return state().take_at_once(bytes);
  }
  [[nodiscard]] bool try_write(std::string_view text) {
    return try_write(std::as_bytes(std::span(text.data(), text.size())));
  }
  // co_await: until everything that was written before has been sent. A stop ends the wait alone.
  detail::flush_buffered flush() noexcept { return detail::flush_buffered(state()); }

  // Bytes that were written and are not sent yet.
  std::size_t unsent() const noexcept { return state().unsent(); }

 private:
  static void start_sending(detail::writer_state& state, void* stream) {
    auto sending = detail::send_written(state, *static_cast<Stream*>(stream));
    core::current().root().start(std::move(sending), {.name = "buffered_writer"},
                                 {.shielded = true});
  }
  detail::writer_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a buffered_writer that was moved from was used");
    return *state_;
  }

  std::unique_ptr<detail::writer_state, detail::abandon_writer> state_;
};

}  // namespace lull
