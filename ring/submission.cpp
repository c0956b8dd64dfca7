// SPDX-License-Identifier: MIT
#include "submission.hpp"

#include <fcntl.h>
#include <liburing.h>
#include <sys/wait.h>

#include "../base/assert.hpp"
#include "restriction.hpp"

namespace lull {

static_assert(sizeof(message_header) == sizeof(io_uring_recvmsg_out) &&
              offsetof(message_header, control_bytes) ==
                  offsetof(io_uring_recvmsg_out, controllen) &&
              offsetof(message_header, bytes) == offsetof(io_uring_recvmsg_out, payloadlen) &&
              offsetof(message_header, flags) == offsetof(io_uring_recvmsg_out, flags));

namespace {

// Filling an entry overwrites its user data, so it is kept over the call.
template <class Fill>
void fill(io_uring_sqe* entry, Fill fill_in) noexcept {
  const auto user_data = entry->user_data;
  fill_in(entry);
  entry->user_data = user_data;
  LULL_DEBUG_ASSERT(detail::is_listed(*entry),
                    "operation %u with flags 0x%x is not in the list of what a restricted ring "
                    "takes; add it in ring/restriction.cpp",
                    unsigned{entry->opcode}, unsigned{entry->flags});
}

// The ring takes -1 for the position of the file itself, which none of ours has: the number before
// it is past the end of numbers like it, and is refused (EINVAL).
constexpr std::uint64_t never_the_position(std::uint64_t offset) noexcept {
  constexpr std::uint64_t position = ~std::uint64_t{0};
  return offset == position ? position - 1 : offset;
}

// As the kernel's headers of 6.7 name them; older ones do not: 32 bits, and of this process alone.
constexpr std::uint32_t futex_of_32_bits = 0x02;
constexpr std::uint32_t futex_private = 0x80;
constexpr std::uint64_t futex_any = 0xffffffff;

constexpr std::uint32_t futex_kind(bool shared) noexcept {
  return shared ? futex_of_32_bits : futex_of_32_bits | futex_private;
}

std::uint64_t address_of(const completion_target& target) noexcept {
  return reinterpret_cast<std::uintptr_t>(&target);
}

}  // namespace

void submission::nop() noexcept {
  fill(entry_, [](io_uring_sqe* e) { io_uring_prep_nop(e); });
}

void submission::accept(int listener) noexcept {
  fill(entry_,
       [=](io_uring_sqe* e) { io_uring_prep_accept(e, listener, nullptr, nullptr, SOCK_CLOEXEC); });
}

void submission::accept_multishot(int listener) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_multishot_accept(e, listener, nullptr, nullptr, SOCK_CLOEXEC);
  });
}

void submission::connect(int socket, const sockaddr* to, socklen_t bytes) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_connect(e, socket, to, bytes); });
}

void submission::receive(int socket, void* into, std::size_t bytes, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_recv(e, socket, into, bytes, flags); });
}

void submission::receive_multishot(int socket, std::uint16_t buffer_group) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_recv_multishot(e, socket, nullptr, 0, 0);
    e->flags |= IOSQE_BUFFER_SELECT;
    e->buf_group = buffer_group;
  });
}

void submission::receive_message(int socket, msghdr* into, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_recvmsg(e, socket, into, static_cast<unsigned>(flags));
  });
}

void submission::receive_message_multishot(int socket, msghdr* shape, std::uint16_t buffer_group,
                                           int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_recvmsg_multishot(e, socket, shape, static_cast<unsigned>(flags));
    e->flags |= IOSQE_BUFFER_SELECT;
    e->buf_group = buffer_group;
  });
}

void submission::send_message(int socket, const msghdr* from, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_sendmsg(e, socket, from, static_cast<unsigned>(flags));
  });
}

void submission::send(int socket, const void* from, std::size_t bytes, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_send(e, socket, from, bytes, flags); });
}

void submission::send_zero_copy(int socket, const void* from, std::size_t bytes,
                                int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_send_zc(e, socket, from, bytes, flags, 0); });
}

void submission::shutdown(int socket, int how) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_shutdown(e, socket, how); });
}

void submission::close(int descriptor) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_close(e, descriptor); });
}

void submission::close_elsewhere(int descriptor) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_close(e, descriptor);
    e->flags |= IOSQE_ASYNC;
  });
}

void submission::read(int descriptor, void* into, std::size_t bytes,
                      std::uint64_t offset) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_read(e, descriptor, into, static_cast<unsigned>(bytes),
                       never_the_position(offset));
  });
}

void submission::read_vectored(int file, const iovec* into, unsigned count,
                               std::uint64_t offset) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_readv(e, file, into, count, never_the_position(offset));
  });
}

void submission::write(int file, const void* from, std::size_t bytes, std::uint64_t offset,
                       int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_write(e, file, from, static_cast<unsigned>(bytes), never_the_position(offset));
    e->rw_flags = flags;
  });
}

void submission::write_elsewhere(int file, const void* from, std::size_t bytes) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_write(e, file, from, static_cast<unsigned>(bytes), 0);
    e->flags |= IOSQE_ASYNC;
  });
}

void submission::read_registered(int file, void* into, std::size_t bytes, std::uint64_t offset,
                                 unsigned place) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_read_fixed(e, file, into, static_cast<unsigned>(bytes),
                             never_the_position(offset), static_cast<int>(place));
  });
}

void submission::write_registered(int file, const void* from, std::size_t bytes,
                                  std::uint64_t offset, int flags, unsigned place) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_write_fixed(e, file, from, static_cast<unsigned>(bytes),
                              never_the_position(offset), static_cast<int>(place));
    e->rw_flags = flags;
  });
}

void submission::write_vectored(int file, const iovec* from, unsigned count,
                                std::uint64_t offset) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_writev(e, file, from, count, never_the_position(offset));
  });
}

void submission::open(const char* path, int flags, mode_t mode) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_openat(e, AT_FDCWD, path, flags, mode); });
}

void submission::sync(int file, bool data_only) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_fsync(e, file, data_only ? IORING_FSYNC_DATASYNC : 0);
  });
}

void submission::sync_range(int file, std::uint64_t offset, std::uint32_t bytes,
                            unsigned flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_sync_file_range(e, file, bytes, offset, static_cast<int>(flags));
  });
}

void submission::allocate(int file, int mode, std::uint64_t offset, std::uint64_t bytes) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_fallocate(e, file, mode, offset, bytes); });
}

void submission::truncate(int file, std::uint64_t bytes) noexcept {
  fill(entry_,
       [=](io_uring_sqe* e) { io_uring_prep_ftruncate(e, file, static_cast<loff_t>(bytes)); });
}

void submission::advise(int file, std::uint64_t offset, std::uint32_t bytes, int advice) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_fadvise(e, file, offset, bytes, advice); });
}

void submission::status(int descriptor, const char* path, int flags, unsigned mask,
                        struct statx* into) noexcept {
  fill(entry_,
       [=](io_uring_sqe* e) { io_uring_prep_statx(e, descriptor, path, flags, mask, into); });
}

void submission::rename(const char* from, const char* to, unsigned flags) noexcept {
  fill(entry_,
       [=](io_uring_sqe* e) { io_uring_prep_renameat(e, AT_FDCWD, from, AT_FDCWD, to, flags); });
}

void submission::link(const char* existing, const char* created, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_linkat(e, AT_FDCWD, existing, AT_FDCWD, created, flags);
  });
}

void submission::symlink(const char* target, const char* created) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_symlinkat(e, target, AT_FDCWD, created); });
}

void submission::unlink(const char* path, int flags) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_unlinkat(e, AT_FDCWD, path, flags); });
}

void submission::make_directory(const char* path, mode_t mode) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_mkdirat(e, AT_FDCWD, path, mode); });
}

void submission::poll(int descriptor, unsigned events) noexcept {
  fill(entry_, [=](io_uring_sqe* e) { io_uring_prep_poll_add(e, descriptor, events); });
}

void submission::splice(int from, std::int64_t from_offset, int to, std::int64_t to_offset,
                        std::size_t bytes) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_splice(e, from, from_offset, to, to_offset, static_cast<unsigned>(bytes), 0);
  });
}

void submission::wait_for_child(int process, siginfo_t* into) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_waitid(e, P_PIDFD, static_cast<id_t>(process), into, WEXITED, 0);
  });
}

void submission::futex_wait(const std::uint32_t* word, std::uint32_t expected,
                            bool shared) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_futex_wait(e, const_cast<std::uint32_t*>(word), expected, futex_any,
                             futex_kind(shared), 0);
  });
}

void submission::futex_wake(const std::uint32_t* word, std::uint32_t waiters,
                            bool shared) noexcept {
  fill(entry_, [=](io_uring_sqe* e) {
    io_uring_prep_futex_wake(e, const_cast<std::uint32_t*>(word), waiters, futex_any,
                             futex_kind(shared), 0);
  });
}

void submission::cancel(const completion_target& target) noexcept {
  fill(entry_, [&](io_uring_sqe* e) { io_uring_prep_cancel64(e, address_of(target), 0); });
}

void submission::cancel_descriptor(int descriptor) noexcept {
  fill(entry_,
       [=](io_uring_sqe* e) { io_uring_prep_cancel_fd(e, descriptor, IORING_ASYNC_CANCEL_ALL); });
}

void submission::message(int ring_descriptor, completion_target& target) noexcept {
  fill(entry_, [&](io_uring_sqe* e) {
    io_uring_prep_msg_ring(e, ring_descriptor, 0, address_of(target), 0);
    e->flags |= IOSQE_CQE_SKIP_SUCCESS;
  });
}

}  // namespace lull
