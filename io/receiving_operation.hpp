// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that receive once, into memory of the caller's: one submission; but on a
// socket that receives by itself (whose receive() without a buffer was used before) the bytes come
// by way of the core's buffers, and are copied when the operation is resumed. Derive as from
// socket_operation; await_resume asks came_by_pieces() first, and then what came of that.

#include "receive_multishot.hpp"
#include "socket_operation.hpp"

namespace lull::detail {

template <class Derived>
class receiving_operation : public socket_operation<Derived> {
 public:
  bool await_suspend(suspended awaiting) {
    by_pieces_ = this->socket().by_pieces();
    if (by_pieces_) return news_.begin(awaiting);
    this->socket().begin_reading(*this);
    return socket_operation<Derived>::await_suspend(awaiting);
  }

 protected:
  explicit receiving_operation(receiving_socket& socket) noexcept
      : socket_operation<Derived>(socket), news_(socket) {}

  bool came_by_pieces() const noexcept { return by_pieces_; }
  // An errno, or 0: there are pieces, or the stream has ended.
  int end_of_news() noexcept { return news_.end(); }
  // What the kernel said, a negative errno or a number of bytes.
  std::int32_t end_reading() noexcept {
    this->socket().end_reading();
    return this->end();
  }

 private:
  news_of_socket news_;
  bool by_pieces_ = false;
};

}  // namespace lull::detail
