// SPDX-License-Identifier: MIT
#include "byte_stream.hpp"

#include <cerrno>

#include "socket_options.hpp"

namespace lull {

task<result<std::size_t>> byte_stream::receive_exactly(std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    auto got = co_await receive(into.subspan(filled));
    if (!got) {
      // Closed meanwhile, as it would have been told in the middle of a receive.
      if (got.why().code == EBADF && filled != 0) {
        co_return failure(ECANCELED, "receive_exactly", state().peer());
      }
      co_return got.why();
    }
    if (*got == 0) break;
    filled += *got;
  }
  co_return filled;
}

result<void> byte_stream::receive_room(std::size_t bytes) noexcept {
  return detail::set_receive_room(state(), bytes);
}

result<void> byte_stream::send_room(std::size_t bytes) noexcept {
  return detail::set_send_room(state(), bytes);
}

}  // namespace lull
