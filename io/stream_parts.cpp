// SPDX-License-Identifier: MIT
#include "stream_parts.hpp"

#include <algorithm>
#include <new>

namespace lull::detail {

std::span<iovec> message_parts::room_for(std::size_t places) noexcept {
  if (places > few && more_ == nullptr) {
    try {
      more_ = static_cast<iovec*>(allocate_frame(bytes_of_more));
    } catch (const std::bad_alloc&) {}
  }
  if (more_ == nullptr) return few_;
  return {more_, limits::message_places};
}

void send_parts::skip_empty() noexcept {
  while (!left_.empty() && skip_ == left_.front().size()) {
    left_ = left_.subspan(1);
    skip_ = 0;
  }
}

void send_parts::advance(std::size_t bytes) noexcept {
  while (bytes != 0) {
    const std::size_t now = std::min(bytes, left_.front().size() - skip_);
    skip_ += now;
    bytes -= now;
    skip_empty();
  }
}

void send_parts::prepare(submission entry) noexcept {
  parts_.set(left_, skip_);
  entry.send_message(socket().descriptor(), &parts_.message(), MSG_NOSIGNAL | MSG_WAITALL);
}

void receive_parts::prepare(submission entry) noexcept {
  parts_.set(places_, 0);
  entry.receive_message(socket().descriptor(), &parts_.message(), 0);
}

result<std::size_t> receive_parts::await_resume() noexcept {
  if (came_by_pieces()) {
    if (const int code = end_of_news()) return failed(code);
    std::size_t copied = 0;
    for (const std::span<std::byte> place : places_) copied += socket().copy_to(place);
    return copied;
  }
  const std::int32_t bytes = end_reading();
  if (bytes < 0) return failed(-bytes);
  return static_cast<std::size_t>(bytes);
}

}  // namespace lull::detail
