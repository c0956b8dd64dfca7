// SPDX-License-Identifier: MIT
// What a simulated ring does with words of memory that are waited for. A cancel comes before a wake
// or after it, and never takes a wake away.
#include <cerrno>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

const std::uint32_t* word_of(const io_uring_sqe& entry) noexcept {
  return reinterpret_cast<const std::uint32_t*>(static_cast<std::uintptr_t>(entry.addr));
}

}  // namespace

void simulated_ring::begin_with_futex(const io_uring_sqe& entry) noexcept {
  in_flight_.push_back({entry});
  if (entry.opcode == IORING_OP_FUTEX_WAKE) {
    const auto most = static_cast<unsigned>(entry.off);
    complete(entry.user_data, static_cast<std::int32_t>(kernel_.wake(word_of(entry), most)));
  } else if (*word_of(entry) != entry.off) {
    complete(entry.user_data, -EAGAIN);
  }
}

unsigned simulated_ring::wake(const std::uint32_t* word, unsigned most) noexcept {
  unsigned woken = 0;
  for (in_flight& one : in_flight_) {
    if (woken == most) break;
    if (one.entry.opcode != IORING_OP_FUTEX_WAIT || one.ended || word_of(one.entry) != word) {
      continue;
    }
    complete(one.entry.user_data, 0);
    ++woken;
  }
  kernel_.made.woken += woken;
  return woken;
}

}  // namespace simulation
