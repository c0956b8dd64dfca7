// SPDX-License-Identifier: MIT
#pragma once

// One submission entry being filled in. Obtained from ring::try_submission on the ring's own core,
// filled by exactly one of the functions below, and handed to the kernel with everything else at
// the core's next entry into the ring: nothing here enters the kernel, and nothing fails. What a
// pointer names (buffers, addresses) stays valid until the last completion.

#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "completion.hpp"

struct io_uring_sqe;
struct iovec;
struct statx;

namespace lull {

// What stands in front of a message that a multishot receive put into a buffer; the name and what
// comes with it follow, in the room that was left for them, then the message.
struct message_header {
  std::uint32_t name_bytes;     // of the sender's name; more than its room: cut off
  std::uint32_t control_bytes;  // of what comes with it
  std::uint32_t bytes;          // of the message as it was sent, given MSG_TRUNC
  std::uint32_t flags;          // as recvmsg gives them
};

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
  // One message with whose it is and what comes with it, as recvmsg and sendmsg describe it.
  void receive_message(int socket, msghdr* into, int flags) noexcept;
  // Each into a buffer of the ring, after its message_header, until it ends or is cancelled;
  // `shape` says how much room is left for the name and for what comes with it.
  void receive_message_multishot(int socket, msghdr* shape, std::uint16_t buffer_group,
                                 int flags) noexcept;
  void send_message(int socket, const msghdr* from, int flags) noexcept;
  void send(int socket, const void* from, std::size_t bytes, int flags) noexcept;
  // Without copying: when the result says that more follows, the bytes are read until a second
  // completion has come, the notification.
  void send_zero_copy(int socket, const void* from, std::size_t bytes, int flags) noexcept;
  void shutdown(int socket, int how) noexcept;
  void close(int descriptor) noexcept;
  // By a thread of the kernel: for what may take long to let go of.
  void close_elsewhere(int descriptor) noexcept;
  void read(int descriptor, void* into, std::size_t bytes, std::uint64_t offset = 0) noexcept;
  // Operations on files. Flags are those of the system call of the same name; paths count from the
  // working directory.
  void read_vectored(int file, const iovec* into, unsigned count, std::uint64_t offset) noexcept;
  void write(int file, const void* from, std::size_t bytes, std::uint64_t offset,
             int flags) noexcept;
  // By a thread of the kernel at once: an event descriptor cannot be written without waiting, and
  // takes 100 us until the ring has found that out.
  void write_elsewhere(int file, const void* from, std::size_t bytes) noexcept;
  // The same with memory that lies in one piece of the ring's buffer_table, at that place.
  void read_registered(int file, void* into, std::size_t bytes, std::uint64_t offset,
                       unsigned place) noexcept;
  void write_registered(int file, const void* from, std::size_t bytes, std::uint64_t offset,
                        int flags, unsigned place) noexcept;
  void write_vectored(int file, const iovec* from, unsigned count, std::uint64_t offset) noexcept;
  void open(const char* path, int flags, mode_t mode) noexcept;
  void sync(int file, bool data_only) noexcept;
  void sync_range(int file, std::uint64_t offset, std::uint32_t bytes, unsigned flags) noexcept;
  void allocate(int file, int mode, std::uint64_t offset, std::uint64_t bytes) noexcept;
  void truncate(int file, std::uint64_t bytes) noexcept;
  void advise(int file, std::uint64_t offset, std::uint32_t bytes, int advice) noexcept;
  // Of `descriptor` itself with an empty path and AT_EMPTY_PATH.
  void status(int descriptor, const char* path, int flags, unsigned mask,
              struct statx* into) noexcept;
  void rename(const char* from, const char* to, unsigned flags) noexcept;
  void link(const char* existing, const char* created, int flags) noexcept;
  void symlink(const char* target, const char* created) noexcept;
  void unlink(const char* path, int flags) noexcept;
  void make_directory(const char* path, mode_t mode) noexcept;
  // Waits for one of the events (POLLIN...), once; its result is which have come.
  void poll(int descriptor, unsigned events) noexcept;
  // Between a pipe and something else; an offset of -1 for a pipe. A thread of the kernel does it.
  void splice(int from, std::int64_t from_offset, int to, std::int64_t to_offset,
              std::size_t bytes) noexcept;
  // Waits for the end of the child that a pidfd names, and takes it off the kernel's hands.
  void wait_for_child(int process, siginfo_t* into) noexcept;
  // `shared`: with other processes.
  void futex_wait(const std::uint32_t* word, std::uint32_t expected, bool shared) noexcept;
  void futex_wake(const std::uint32_t* word, std::uint32_t waiters, bool shared) noexcept;
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
