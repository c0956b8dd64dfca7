// SPDX-License-Identifier: MIT
// What a simulated ring does with real descriptors, which the program has made without it: those of
// events and signals are read and written when that would not block, those of children are ready
// once somebody has said that they have ended.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

// A call that would block fails instead.
class without_blocking {
 public:
  explicit without_blocking(int descriptor) noexcept
      : descriptor_(descriptor), before_(::fcntl(descriptor, F_GETFL)) {
    ::fcntl(descriptor_, F_SETFL, before_ | O_NONBLOCK);
  }
  ~without_blocking() { ::fcntl(descriptor_, F_SETFL, before_); }
  without_blocking(const without_blocking&) = delete;
  without_blocking& operator=(const without_blocking&) = delete;

 private:
  int descriptor_;
  int before_;
};

template <class T>
T* memory_at(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

}  // namespace

void simulated_ring::begin_with_given(const io_uring_sqe& entry) noexcept {
  in_flight_.push_back({entry});
  if (entry.opcode == IORING_OP_WAITID && by_.fault(6)) {
    ++kernel_.made.refused_waits;
    return complete(entry.user_data, -ENOMEM);
  }
  if (entry.opcode == IORING_OP_POLL_ADD && by_.fault(12)) {
    ++kernel_.made.refused_polls;
    return complete(entry.user_data, -ENOMEM);
  }
  go_on_with_given(in_flight_.back());
}

void simulated_ring::go_on_with_given(in_flight& one) noexcept {
  const io_uring_sqe& entry = one.entry;
  const int descriptor = entry.fd;
  switch (entry.opcode) {
    case IORING_OP_READ:
    case IORING_OP_WRITE: {
      const bool reads = entry.opcode == IORING_OP_READ;
      auto* const memory = memory_at<void>(entry.addr);
      const without_blocking meanwhile(descriptor);
      const auto moved =
          reads ? ::read(descriptor, memory, entry.len) : ::write(descriptor, memory, entry.len);
      if (moved < 0 && errno == EAGAIN) return;
      complete(entry.user_data, moved < 0 ? -errno : static_cast<int>(moved));
      if (moved >= 0) kernel_.tell_given();
      return;
    }
    case IORING_OP_POLL_ADD:
      if (kernel_.has_ended(descriptor)) complete(entry.user_data, POLLIN);
      return;
    case IORING_OP_WAITID:
      if (!kernel_.has_ended(descriptor)) return;
      return complete(entry.user_data, ::waitid(P_PIDFD, static_cast<id_t>(descriptor),
                                                memory_at<siginfo_t>(entry.addr2), WEXITED) == 0
                                           ? 0
                                           : -errno);
    default:
      by_.fail("that is not done with a real descriptor");
  }
}

void simulated_kernel::tell_given() noexcept {
  for (auto& one : rings_) {
    if (one != nullptr) one->go_on_with_given();
  }
}

void simulated_ring::go_on_with_given() noexcept {
  for (in_flight& one : in_flight_) {
    const bool is_given = simulated_kernel::is_given(one.entry.fd) &&
                          (one.entry.opcode == IORING_OP_READ ||
                           one.entry.opcode == IORING_OP_WRITE || only_waits(one.entry));
    if (is_given && !one.ended) go_on_with_given(one);
  }
}

void simulated_kernel::say_ended(int child) {
  ended_children_.push_back(child);
  tell_given();
}

bool simulated_kernel::has_ended(int child) const noexcept {
  return std::find(ended_children_.begin(), ended_children_.end(), child) != ended_children_.end();
}

}  // namespace simulation
