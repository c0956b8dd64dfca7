// SPDX-License-Identifier: MIT
#include "byte_stream.hpp"

#include <algorithm>
#include <climits>

#include "socket_options.hpp"

namespace lull {
namespace {

int option_value(std::size_t value) noexcept {
  return static_cast<int>(std::min<std::size_t>(value, INT_MAX));
}

}  // namespace

task<result<std::size_t>> byte_stream::receive_exactly(std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    auto got = co_await receive(into.subspan(filled));
    if (!got) co_return got.why();
    if (*got == 0) break;
    filled += *got;
  }
  co_return filled;
}

result<void> byte_stream::receive_room(std::size_t bytes) noexcept {
  return detail::set_option(state(), SOL_SOCKET, SO_RCVBUF, option_value(bytes), "receive_room");
}

result<void> byte_stream::send_room(std::size_t bytes) noexcept {
  return detail::set_option(state(), SOL_SOCKET, SO_SNDBUF, option_value(bytes), "send_room");
}

}  // namespace lull
