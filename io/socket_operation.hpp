// SPDX-License-Identifier: MIT
#pragma once

// Base of the operations that one submission on a socket does: refuses a closed one, and keeps its
// descriptor from being closed until the operation has been resumed. Derive as from
// operation<Derived>, and end await_resume with end().

#include <cerrno>
#include <coroutine>
#include <cstdint>

#include "../sched/operation.hpp"
#include "receiving_socket.hpp"
#include "result.hpp"

namespace lull::detail {

template <class Derived>
class socket_operation : public operation<Derived> {
 public:
  bool await_suspend(suspended awaiting) noexcept {
    socket_.check_core(Derived::name);
    if (!socket_.open()) return false;
    socket_.enter();
    entered_ = true;
    return operation<Derived>::await_suspend(awaiting);
  }

 protected:
  explicit socket_operation(receiving_socket& socket) noexcept : socket_(socket) {}

  receiving_socket& socket() const noexcept { return socket_; }
  // What the kernel said; the socket is not used any more.
  std::int32_t end() noexcept {
    if (!entered_) return -EBADF;
    socket_.leave();
    return this->answer();
  }
  failure failed(int code) const noexcept { return failure(code, Derived::name, socket_.peer()); }

 private:
  receiving_socket& socket_;
  bool entered_ = false;
};

}  // namespace lull::detail
