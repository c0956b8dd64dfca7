// SPDX-License-Identifier: MIT
#include "receive.hpp"

namespace lull::detail {

result<std::size_t> receive_into::copy() noexcept {
  if (const int code = news_.end()) return failed(code);
  std::size_t copied = 0;
  while (socket().first() != nullptr && copied < into_.size()) {
    const piece& oldest = *socket().first();
    const std::size_t now = std::min<std::size_t>(oldest.bytes, into_.size() - copied);
    std::memcpy(into_.data() + copied, oldest.data, now);
    copied += now;
    socket().consume(static_cast<std::uint32_t>(now));
  }
  return copied;
}

}  // namespace lull::detail
