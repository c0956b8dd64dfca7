// SPDX-License-Identifier: MIT
#pragma once

// One submission entry being filled in. Obtained from ring::try_submission on the ring's own core,
// filled by exactly one of the functions below, and handed to the kernel with everything else at
// the core's next entry into the ring: nothing here enters the kernel, and nothing fails. What a
// pointer names (buffers, addresses) stays valid until the last completion.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "completion.hpp"

struct io_uring_sqe;

namespace lull {

class submission {
 public:
  constexpr submission() noexcept = default;
  constexpr explicit submission(io_uring_sqe* entry) noexcept : entry_(entry) {}

  // Empty when the submission queue had no room.
  explicit operator bool() const noexcept { return entry_ != nullptr; }

  void nop() noexcept;
  void accept(int listener) noexcept;
  void accept_multishot(int listener) noexcept;
  void connect(int socket, const sockaddr* to, socklen_t bytes) noexcept;
  void receive(int socket, void* into, std::size_t bytes, int flags) noexcept;
  // Into buffers of the given buffer ring, until it ends or is cancelled.
  void receive_multishot(int socket, std::uint16_t buffer_group) noexcept;
  void send(int socket, const void* from, std::size_t bytes, int flags) noexcept;
  void shutdown(int socket, int how) noexcept;
  void close(int descriptor) noexcept;
  void read(int descriptor, void* into, std::size_t bytes) noexcept;
  // Cancels the operation whose completions go to `target`.
  void cancel(const completion_target& target) noexcept;
  // Cancels every operation on the descriptor; its result is how many.
  void cancel_descriptor(int descriptor) noexcept;
  // Posts a completion {0, 0} for `target` to another ring. A success posts none on this one.
  void message(int ring_descriptor, completion_target& target) noexcept;

 private:
  io_uring_sqe* entry_ = nullptr;
};

}  // namespace lull
