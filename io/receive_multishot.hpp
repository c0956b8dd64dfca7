// SPDX-License-Identifier: MIT
#pragma once

// Waiting for what the kernel receives by itself into the core's buffers. When bytes have come
// already, awaiting does not suspend. Being stopped ends the wait alone: the kernel holds nothing
// of the waiting coroutine, and bytes that come later are there for the next receive. Use
// tcp_stream::receive, which makes these.

#include <coroutine>
#include <cstddef>
#include <span>

#include "received.hpp"
#include "result.hpp"
#include "stream_state.hpp"

namespace lull::detail {

// Waits until a stream has news.
class news_of_stream : private suspension {
 public:
  explicit news_of_stream(stream_state& stream) noexcept
      : suspension(&news_of_stream::stopped), stream_(stream) {}

  // Whether the caller has to suspend. Throws std::bad_alloc.
  bool begin(const suspended& awaiting);
  // Why there are no news, as an errno; 0: there is a piece, or the stream has ended.
  int end() noexcept {
    if (waited_) stream_.leave();
    if (refused_ != 0) return refused_;
    if (stream_.first() != nullptr || stream_.ended()) return 0;
    return stream_.error() != 0 ? stream_.error() : ECANCELED;
  }

 private:
  static void stopped(stop_hook& hook) noexcept;

  stream_state& stream_;
  int refused_ = 0;
  bool waited_ = false;
};

class receive_multishot {
 public:
  explicit receive_multishot(stream_state& stream) noexcept : stream_(stream), news_(stream) {}
  receive_multishot(const receive_multishot&) = delete;
  receive_multishot& operator=(const receive_multishot&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) { return news_.begin(awaiting); }
  result<received> await_resume() noexcept {
    if (const int code = news_.end()) return failure(code, "receive", stream_.peer());
    if (stream_.first() == nullptr) return received();
    piece& oldest = stream_.pop();
    received bytes(stream_.pool(), oldest);
    stream_.pool().recycle(oldest);
    return bytes;
  }

 private:
  stream_state& stream_;
  news_of_stream news_;
};

}  // namespace lull::detail
