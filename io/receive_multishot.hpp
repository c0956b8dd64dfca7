// SPDX-License-Identifier: MIT
#pragma once

// Waiting for what the kernel receives by itself into the core's buffers. When bytes have come
// already, awaiting does not suspend. Being stopped ends the wait alone: the kernel holds nothing
// of the waiting coroutine, and bytes that come later are there for the next receive. Use
// tcp_stream::receive, which makes these.

#include <cerrno>
#include <coroutine>
#include <cstddef>
#include <span>

#include "received.hpp"
#include "receiving_socket.hpp"
#include "result.hpp"

namespace lull::detail {

// Waits until a socket has news.
class news_of_socket : private suspension {
 public:
  explicit news_of_socket(receiving_socket& socket) noexcept
      : suspension(&news_of_socket::stopped), socket_(socket) {}

  // Whether the caller has to suspend. Throws std::bad_alloc.
  bool begin(suspended awaiting);
  // Why there are no news, as an errno; 0: there is a piece, or the stream has ended.
  int end() noexcept {
    if (waited_) socket_.leave();
    if (refused_ != 0) return refused_;
    if (socket_.first() != nullptr || socket_.ended()) return 0;
    const int code = socket_.take_error();
    return code != 0 ? code : ECANCELED;
  }

 private:
  // The first of its socket. Neither is inline: the others save no registers for it.
  [[gnu::noinline]] bool begin_first(suspended awaiting);
  // A stop was asked for. Whether the caller has to suspend all the same.
  [[gnu::noinline]] bool begin_stopped(suspended awaiting) noexcept;
  static void stopped(stop_hook& hook) noexcept;

  receiving_socket& socket_;
  int refused_ = 0;
  bool waited_ = false;
};

class [[nodiscard]] receive_multishot {
 public:
  explicit receive_multishot(receiving_socket& socket) noexcept : socket_(socket), news_(socket) {}
  receive_multishot(const receive_multishot&) = delete;
  receive_multishot& operator=(const receive_multishot&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) { return news_.begin(awaiting); }
  result<received> await_resume() noexcept {
    if (const int code = news_.end()) return failure(code, "receive", socket_.peer());
    if (socket_.first() == nullptr) return received();
    piece& oldest = socket_.pop();
    received bytes(socket_.pool(), oldest);
    socket_.pool().recycle(oldest);
    return bytes;
  }

 private:
  receiving_socket& socket_;
  news_of_socket news_;
};

}  // namespace lull::detail
