// SPDX-License-Identifier: MIT
#include "byte_store.hpp"

#include <algorithm>
#include <cstring>

#include "../sched/core_context.hpp"
#include "limits.hpp"

namespace lull::detail {

void byte_store::append(std::span<const std::byte> more) {
  if (more.empty()) return;
  if (more.size() > capacity_ - end_) make_room(more.size());
  std::memcpy(memory_ + end_, more.data(), more.size());
  end_ += more.size();
}

void byte_store::release() noexcept {
  if (memory_ != nullptr) deallocate_frame(memory_, capacity_);
  memory_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

// By moving what is left to the front, if that gives room; else into memory of twice the size.
void byte_store::make_room(std::size_t more) {
  const std::size_t kept = size();
  if (kept + more <= capacity_) {
    std::memmove(memory_, memory_ + begin_, kept);
  } else {
    const std::size_t wanted = std::max({kept + more, 2 * capacity_, limits::first_store_bytes});
    auto* const larger = static_cast<std::byte*>(allocate_frame(wanted));
    if (kept != 0) std::memcpy(larger, memory_ + begin_, kept);
    release();
    memory_ = larger;
    capacity_ = wanted;
  }
  begin_ = 0;
  end_ = kept;
}

}  // namespace lull::detail
