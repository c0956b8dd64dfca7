// SPDX-License-Identifier: MIT
#pragma once

// Pipes: bytes from one end to the other, within the program or between it and its children
// (process.hpp). pipe() makes both ends. Each belongs to the core that made it: used, moved and
// dropped there; the object is one pointer. Closed on exec.
//
// Reading and writing are the operations on files (file.hpp), without an offset: they suspend, end
// when their scope is asked to stop or the end is closed, and borrow the caller's bytes only while
// they are awaited. They are waited for without a thread, and allocate nothing. One coroutine at a
// time reads, one writes: of two it is open which gets what. Nothing read is the end: all writers
// have gone, children with a copy of the other end included. A write without a reader fails with
// EPIPE, and sends no signal. Dropping an end closes it too, in the background; nothing may be in
// flight on it then.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "close_file.hpp"
#include "descriptor.hpp"
#include "read.hpp"
#include "result.hpp"
#include "write.hpp"

namespace lull {

class pipe_end;
namespace detail {
file_state& state_of(const pipe_end& open) noexcept;
}

class pipe_end {
 public:
  // co_await: ends whatever is in flight on it (operation_canceled), then closes. What is called on
  // it afterwards fails with bad_file_descriptor.
  detail::close_file close() noexcept { return detail::close_file(state()); }

  // There is one, and it has not been closed from here.
  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // For what is not named here; -1 once closed. It stays the end's.
  int descriptor() const noexcept { return state().descriptor(); }

 protected:
  // None: may be assigned to and dropped, nothing else.
  pipe_end() noexcept = default;
  // On this core. Throws std::bad_alloc with the descriptor closed.
  explicit pipe_end(lull::descriptor owned);
  pipe_end(pipe_end&&) noexcept = default;
  pipe_end& operator=(pipe_end&&) noexcept = default;
  ~pipe_end() = default;

  detail::file_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr,
                "an end of a pipe that is not open was used (moved from, "
                "perhaps)");
    return *state_;
  }

 private:
  friend detail::file_state& detail::state_of(const pipe_end& open) noexcept;

  std::unique_ptr<detail::file_state, detail::drop_file> state_;
};

// For operations on several things.
inline detail::file_state& detail::state_of(const pipe_end& open) noexcept { return open.state(); }

class pipe_reader : public pipe_end {
 public:
  pipe_reader() noexcept = default;
  explicit pipe_reader(lull::descriptor owned) : pipe_end(std::move(owned)) {}

  // co_await: what is there, as soon as there is something; gives how many bytes, 0 at the end.
  detail::read_some read(std::span<std::byte> into) noexcept {
    return detail::read_some(state(), into, 0);
  }
  // co_await: fills the buffer, or fails; with ENODATA (no_message_available) if the end comes
  // before.
  detail::read_whole read_exactly(std::span<std::byte> into) noexcept {
    return detail::read_whole(state(), into, 0);
  }
};

class pipe_writer : public pipe_end {
 public:
  pipe_writer() noexcept = default;
  explicit pipe_writer(lull::descriptor owned) : pipe_end(std::move(owned)) {}

  // co_await: as much as there is room for, as soon as there is some; gives how many bytes.
  detail::write_some write(std::span<const std::byte> bytes) noexcept {
    return detail::write_some(state(), bytes, 0);
  }
  detail::write_some write(std::string_view text) noexcept { return write(bytes_of(text)); }
  // co_await: writes everything, or fails with an unknown part written.
  detail::write_at write_all(std::span<const std::byte> bytes) noexcept {
    return detail::write_at(state(), bytes, 0);
  }
  detail::write_at write_all(std::string_view text) noexcept { return write_all(bytes_of(text)); }

 private:
  static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
};

struct pipe_ends {
  pipe_reader reader;
  pipe_writer writer;
};

// Both ends, of this core. A system call; does not suspend. EMFILE, ENFILE. Throws std::bad_alloc.
result<pipe_ends> pipe();

}  // namespace lull
