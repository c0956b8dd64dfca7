// SPDX-License-Identifier: MIT
#pragma once

// Mutual exclusion between tasks of one core, across their co_awaits; between two of them nothing
// else runs, and no mutex is needed. Core-affine: used on one core. Locking a free one suspends
// nobody and costs a few loads and stores; else the task waits in order, and unlocking hands the
// mutex to the oldest, so that nobody overtakes. Not recursive: a task that locks it twice waits
// for itself. Not for threads.

#include <utility>

#include "lock.hpp"
#include "wait_node.hpp"

namespace lull {

class mutex {
  struct whole {};

 public:
  using lock_type = detail::lock<mutex, whole>;

  mutex() noexcept = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  ~mutex() {
    LULL_ASSERT(waiting_.empty(),
                "a mutex was destroyed while tasks wait for it; join their scope first");
    LULL_ASSERT(!locked_, "a mutex was destroyed while it is locked; let the lock go first");
  }

  class [[nodiscard]] lock_awaiter : private detail::wait_node {
   public:
    explicit lock_awaiter(mutex& from) noexcept : mutex_(from) {}
    bool await_ready() noexcept { return granted_ = mutex_.take(); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "mutex::lock")) return stepped_back();
      mutex_.waiting_.push_back(*this);
      return true;
    }
    lock_type await_resume() noexcept { return lock_type(granted_ ? &mutex_ : nullptr); }

   private:
    mutex& mutex_;
  };

  // co_await: the lock; an empty one if a stop was asked for before it was our turn. A free mutex
  // is locked, stop or not.
  lock_awaiter lock() noexcept { return lock_awaiter(*this); }
  // An empty lock if it is not free.
  lock_type try_lock() noexcept { return lock_type(take() ? this : nullptr); }

 private:
  friend lock_type;
  friend class condition;

  static constexpr const char* name = "mutex";

  bool take() noexcept { return !std::exchange(locked_, true); }
  void unlock(whole) noexcept {
    if (waiting_.empty()) {
      locked_ = false;
    } else {
      waiting_.pop_front().grant();
    }
  }
  // For one who comes from elsewhere, and has no choice.
  void enqueue(detail::wait_node& one) noexcept {
    if (take()) {
      one.grant();
    } else {
      waiting_.push_back(one);
    }
  }

  detail::intrusive_list<detail::wait_node> waiting_;
  bool locked_ = false;
};

// Keeps a mutex locked for as long as it lives, see lock.hpp.
using mutex_lock = mutex::lock_type;

}  // namespace lull
