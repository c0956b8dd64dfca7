// SPDX-License-Identifier: MIT
// How what is in flight on a simulated ring is cancelled.
#include <algorithm>
#include <cerrno>

#include "simulated_ring.hpp"

namespace simulation {

void simulated_ring::cancel(std::uint64_t user_data, std::uint64_t wanted) noexcept {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(), [=](const in_flight& one) {
    return one.entry.user_data == wanted;
  });
  if (found == in_flight_.end() || is_missed(*found)) return complete(user_data, -ENOENT);
  complete(user_data, end(*found));
}

void simulated_ring::cancel_descriptor(const io_uring_sqe& entry) noexcept {
  std::int32_t found = 0;
  for (in_flight& one : in_flight_) {
    if (!is_found_by(one, entry.fd) || one.ended || is_missed(one)) continue;
    end(one);
    ++found;
  }
  complete(entry.user_data, found);
}

// What nothing is moved for ends by a cancel or by what it waits for.
bool simulated_ring::only_waits(const io_uring_sqe& entry) noexcept {
  return entry.opcode == IORING_OP_POLL_ADD || entry.opcode == IORING_OP_FUTEX_WAIT ||
         entry.opcode == IORING_OP_WAITID;
}

// What no thread has taken up yet has none of its descriptors for a cancel.
bool simulated_ring::is_found_by(const in_flight& one, int descriptor) noexcept {
  return one.entry.fd == descriptor && (one.entry.opcode != IORING_OP_SPLICE || one.begun);
}

// What a thread that is interrupted says: one of the kernel's own codes at times, which a system
// call would have made EINTR of.
std::int32_t simulated_ring::interruption(const io_uring_sqe& entry) noexcept {
  static constexpr std::int32_t own_codes[] = {-512, -513, -514, -516};
  const bool has_thread = is_of_files(entry) || entry.opcode == IORING_OP_SPLICE;
  return has_thread && by_.chance(2) ? own_codes[by_.random.below(4)] : -EINTR;
}

// The kernel is about to try it again: no cancel finds it just then, and it goes on waiting.
bool simulated_ring::is_missed(const in_flight& one) noexcept {
  if (one.ended || !by_.fault(6)) return false;
  ++kernel_.made.missed_by_cancels;
  return true;
}

// What the cancel is told. What was sent in part says how much.
std::int32_t simulated_ring::end(in_flight& one) noexcept {
  const bool unbegun = one.entry.opcode == IORING_OP_SPLICE && !one.begun;
  const bool can_be_late = !only_waits(one.entry) && !unbegun;
  if (one.ended || (can_be_late && by_.fault(3))) {
    ++kernel_.made.late_cancels;
    if (one.ended) return -ENOENT;
    if (is_of_files(one.entry) && by_.chance(2)) {
      do_with_file(one);  // it was running, and is not interrupted any more
    } else {
      finish(one, interruption(one.entry));  // it was running
    }
    return -EALREADY;
  }
  finish(one, -ECANCELED);
  return 0;
}

}  // namespace simulation
