// SPDX-License-Identifier: MIT
#include "restriction.hpp"

#include <liburing.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <span>

namespace lull::detail {
namespace {

// As in submission.cpp. All are known to Linux 6.1.
constexpr std::uint8_t listed_operations[] = {
    IORING_OP_NOP,       IORING_OP_ACCEPT,       IORING_OP_CONNECT,     IORING_OP_RECV,
    IORING_OP_SEND,      IORING_OP_CLOSE,        IORING_OP_SHUTDOWN,    IORING_OP_READ,
    IORING_OP_MSG_RING,  IORING_OP_ASYNC_CANCEL, IORING_OP_READV,       IORING_OP_WRITE,
    IORING_OP_WRITEV,    IORING_OP_OPENAT,       IORING_OP_FSYNC,       IORING_OP_SYNC_FILE_RANGE,
    IORING_OP_FALLOCATE, IORING_OP_FADVISE,      IORING_OP_STATX,       IORING_OP_RENAMEAT,
    IORING_OP_LINKAT,    IORING_OP_SYMLINKAT,    IORING_OP_UNLINKAT,    IORING_OP_MKDIRAT,
    IORING_OP_RECVMSG,   IORING_OP_SENDMSG,      IORING_OP_POLL_ADD,    IORING_OP_SPLICE,
    IORING_OP_SEND_ZC,   IORING_OP_READ_FIXED,   IORING_OP_WRITE_FIXED,
};
// Those of later kernels, oldest first: a kernel refuses the whole list for one that it does not
// know, and is asked again without the newest.
constexpr std::uint8_t newer_operations[] = {
    IORING_OP_WAITID,      // 6.7
    IORING_OP_FUTEX_WAIT,  // 6.7
    IORING_OP_FUTEX_WAKE,  // 6.7
    IORING_OP_FTRUNCATE,   // 6.9
};
constexpr std::uint8_t listed_flags = IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS | IOSQE_ASYNC;

// After the ring has been enabled.
constexpr std::uint8_t listed_registrations[] = {
    IORING_REGISTER_RING_FDS,       IORING_UNREGISTER_RING_FDS,  IORING_REGISTER_IOWQ_MAX_WORKERS,
    IORING_REGISTER_PBUF_RING,      IORING_UNREGISTER_PBUF_RING, IORING_REGISTER_BUFFERS2,
    IORING_REGISTER_BUFFERS_UPDATE, IORING_UNREGISTER_BUFFERS,
};

constexpr std::size_t restriction_entries = std::size(listed_operations) +
                                            std::size(listed_registrations) + 1 +
                                            std::size(newer_operations);

bool is_in(std::span<const std::uint8_t> list, std::uint8_t operation) noexcept {
  return std::ranges::find(list, operation) != list.end();
}

}  // namespace

bool is_listed(const io_uring_sqe& entry) noexcept {
  return (entry.flags & ~listed_flags) == 0 &&
         (is_in(listed_operations, entry.opcode) || is_in(newer_operations, entry.opcode));
}

int restrict_and_enable(kernel& through, int descriptor) noexcept {
  io_uring_restriction all[restriction_entries] = {};
  io_uring_restriction* next = all;
  const auto add_operation = [&](std::uint8_t operation) {
    next->opcode = IORING_RESTRICTION_SQE_OP;
    next++->sqe_op = operation;
  };
  std::ranges::for_each(listed_operations, add_operation);
  for (const std::uint8_t registration : listed_registrations) {
    next->opcode = IORING_RESTRICTION_REGISTER_OP;
    next++->register_op = registration;
  }
  next->opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
  next++->sqe_flags = listed_flags;
  std::ranges::for_each(newer_operations, add_operation);

  int result = -EINVAL;
  for (unsigned without = 0; result == -EINVAL && without <= std::size(newer_operations);
       ++without) {
    result = through.register_with(descriptor, IORING_REGISTER_RESTRICTIONS, all,
                                   static_cast<unsigned>(restriction_entries) - without);
  }
  if (result < 0) return result;
  return through.register_with(descriptor, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

}  // namespace lull::detail
