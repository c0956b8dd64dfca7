// SPDX-License-Identifier: MIT
#pragma once

// The seam between lull and the kernel: every call that lull makes into it goes through this table,
// so that a simulated kernel can stand in for the real one and the code above is the shipped code.
// Calls return what the system call returns, with a negative errno for a failure; none throws. Each
// may be called on any thread unless the kernel says otherwise (a single-issuer ring is entered by
// the thread that enabled it).

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

struct io_uring;
struct io_uring_params;

namespace lull {

class kernel {
 public:
  virtual ~kernel() = default;

  // Creates a ring and maps its memory into `into`; gives the descriptor.
  virtual int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept = 0;
  // Unmaps and closes what setup made.
  virtual void teardown(io_uring& ring) noexcept = 0;
  virtual int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
                    const void* argument, std::size_t argument_bytes) noexcept = 0;
  virtual int register_with(int descriptor, unsigned opcode, const void* argument,
                            unsigned count) noexcept = 0;

  virtual int socket(int family, int type, int protocol) noexcept = 0;
  virtual int bind(int descriptor, const sockaddr* address, socklen_t bytes) noexcept = 0;
  virtual int listen(int descriptor, int backlog) noexcept = 0;
  virtual int set_option(int descriptor, int level, int name, const void* value,
                         socklen_t bytes) noexcept = 0;
  virtual int local_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept = 0;
  virtual int peer_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept = 0;
  // Bytes that a stream socket has taken and its peer has not confirmed.
  virtual int unconfirmed_bytes(int descriptor) noexcept = 0;
  // Removes the file of a Unix socket of this type (SOCK_STREAM, SOCK_DGRAM) if none has it open;
  // EADDRINUSE if one has, or if it is no socket.
  virtual int remove_unused_name(int type, const sockaddr* address, socklen_t bytes) noexcept = 0;
  virtual int close(int descriptor) noexcept = 0;
  virtual int event_descriptor() noexcept = 0;
  // Adds one to an event descriptor: wakes whoever reads it.
  virtual int signal_event(int descriptor) noexcept = 0;
};

namespace detail {

// The kernel gives the locked memory of a closed ring back a little later, so a refusal for lack of
// it may pass: asked again so often, and after so long.
inline constexpr unsigned memory_patience = 5;
inline constexpr std::chrono::milliseconds memory_give_back(10);

}  // namespace detail

// The kernel this program runs on.
kernel& real_kernel() noexcept;

}  // namespace lull
