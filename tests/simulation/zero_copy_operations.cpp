// SPDX-License-Identifier: MIT
// What a simulated ring does with sends that do not copy: their bytes are compared with what was
// sent when the notification is put into the queue, for so long they are the kernel's to read.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "simulated_ring.hpp"

namespace simulation {

// What it has sent so far, or that result. A send without copying keeps what it has sent, and owes
// a notification; one that has sent nothing does so at times.
void simulated_ring::finish(in_flight& one, std::int32_t result) noexcept {
  if (one.moved != 0) result = static_cast<std::int32_t>(one.moved);
  const std::uint64_t target = one.entry.user_data;
  const int descriptor = one.entry.fd;
  const bool copies = one.entry.opcode != IORING_OP_SEND_ZC;
  if (copies || (one.moved == 0 && by_.chance(2))) return complete(target, result);
  kept_.push_back({target, descriptor,
                   reinterpret_cast<const char*>(static_cast<std::uintptr_t>(one.entry.addr)),
                   std::move(one.sent), one.moved != 0 ? kernel_.sockets.accepted(descriptor) : 0});
  complete(target, result, IORING_CQE_F_MORE);
  notify(descriptor);
}

void simulated_ring::refuse_zero_copy(in_flight& one) noexcept {
  ++kernel_.made.refused_zero_copy;
  static constexpr std::int32_t reasons[] = {-ENOMEM, -ENOBUFS, -EOPNOTSUPP};
  finish(one, reasons[by_.random.below(3)]);
}

// Of all that the peer has confirmed by now.
void simulated_ring::notify(int descriptor) noexcept {
  for (kept& one : kept_) {
    if (one.descriptor != descriptor || one.confirmed) continue;
    if (!kernel_.sockets.is_confirmed(descriptor, one.end)) continue;
    one.confirmed = true;
    ++kernel_.made.notified;
    complete(one.user_data, 0, IORING_CQE_F_NOTIF);
  }
}

// The kernel reads it for the last time.
void simulated_ring::let_go(std::uint64_t user_data) noexcept {
  const auto oldest = std::find_if(kept_.begin(), kept_.end(), [=](const kept& one) {
    return one.user_data == user_data && one.confirmed;
  });
  if (std::memcmp(oldest->at, oldest->bytes.data(), oldest->bytes.size()) != 0) {
    by_.fail("bytes were changed while the kernel still read them");
  }
  kept_.erase(oldest);
}

}  // namespace simulation
