// SPDX-License-Identifier: MIT
#pragma once

// A descriptor that a client library owns, polled on one core for as long as the library uses it.
// It knows its polls, so it can end them before the library closes the descriptor: release(). It is
// never closed here. Used and dropped on the core that first polls; does not move; allocates
// nothing. Make it where the library says that there is a descriptor (curl's and c-ares' socket
// callbacks), and release it where it says that there is none any more, or before it is asked to
// clean up.

#include <cerrno>

#include "../base/intrusive_list.hpp"
#include "poll.hpp"

namespace lull {

class foreign_descriptor;

namespace detail {

class [[nodiscard]] poll_foreign : public list_node, public poll_operation<poll_foreign> {
 public:
  poll_foreign(foreign_descriptor& of, readiness events) noexcept;

  bool await_suspend(suspended awaiting);
  result<readiness> await_resume() noexcept;

  // The descriptor is being released.
  void end() noexcept { cancel(); }

 private:
  foreign_descriptor& of_;
  bool refused_ = false;
};

class [[nodiscard]] release_foreign {
 public:
  explicit release_foreign(foreign_descriptor& which) noexcept : of_(which) {}
  release_foreign(const release_foreign&) = delete;
  release_foreign& operator=(const release_foreign&) = delete;

  bool await_ready() const noexcept;
  void await_suspend(suspended awaiting) noexcept;
  void await_resume() const noexcept {}

 private:
  foreign_descriptor& of_;
  ready_node waiter_;
};

}  // namespace detail

class foreign_descriptor {
 public:
  explicit foreign_descriptor(int number) noexcept : number_(number) {}
  ~foreign_descriptor();
  foreign_descriptor(const foreign_descriptor&) = delete;
  foreign_descriptor& operator=(const foreign_descriptor&) = delete;

  // co_await: as lull::poll (poll.hpp). Any number of coroutines may, one to read and one to write,
  // say. Once it is released: EBADF (bad_file_descriptor).
  detail::poll_foreign poll(readiness events) noexcept {
    return detail::poll_foreign(*this, events);
  }

  // co_await: ends its polls (operation_canceled), and returns when the kernel has let go of the
  // descriptor and those who polled have been resumed: the owner may close it. What came before the
  // release is given to who polled. Cannot be stopped; does not suspend when nobody polls. One
  // coroutine at a time.
  detail::release_foreign release() noexcept { return detail::release_foreign(*this); }

  bool is_released() const noexcept { return released_; }
  int number() const noexcept { return number_; }

 private:
  friend detail::poll_foreign;
  friend detail::release_foreign;

  void begin_release() noexcept;
  void check_core(const char* what) noexcept;
  // One poll less.
  void resumed() noexcept;

  detail::core_context* home_ = nullptr;  // of the first who polled
  detail::intrusive_list<detail::poll_foreign> polls_;
  detail::ready_node* releasing_ = nullptr;
  int number_;
  bool released_ = false;
};

}  // namespace lull
