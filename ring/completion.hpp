// SPDX-License-Identifier: MIT
#pragma once

// What a submission ends in. A submission carries the address of its completion_target; the ring
// calls the target's function once a completion, from the reaping loop of the core that owns the
// ring. The function must not resume a coroutine: it queues it (a resumed coroutine could submit,
// wait, or destroy the very loop that is reaping).

#include <cstdint>

namespace lull {

// One completion as the kernel gave it: a negative result is an errno.
struct completion {
  std::int32_t result;
  std::uint32_t flags;

  // More completions of the same submission will follow (multishot).
  bool more() const noexcept { return (flags & 2U) != 0; }
  // A buffer of a buffer ring was used; which one.
  bool has_buffer() const noexcept { return (flags & 1U) != 0; }
  std::uint16_t buffer() const noexcept { return static_cast<std::uint16_t>(flags >> 16); }
  // There is more to receive from that socket.
  bool socket_has_more() const noexcept { return (flags & 4U) != 0; }
  // The last of a submission that did not copy: the kernel does not read its bytes any more.
  bool notification() const noexcept { return (flags & 8U) != 0; }
  // The kernel will go on filling this buffer (incremental buffer rings).
  bool buffer_more() const noexcept { return (flags & 16U) != 0; }
};

// Base of everything that waits for completions. Lives until its last completion has come.
struct completion_target {
  using function = void (*)(completion_target&, completion) noexcept;

  explicit constexpr completion_target(function f) noexcept : complete(f) {}

  function complete;
};

}  // namespace lull
