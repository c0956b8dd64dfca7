// SPDX-License-Identifier: MIT
#pragma once

// Mutual exclusion between tasks of one core, across their co_awaits; between two of them nothing
// else runs, and no mutex is needed. Core-affine: used on one core. Locking a free one suspends
// nobody and costs a few loads and stores; else the task waits in order, and unlocking hands the
// mutex to the oldest, so that nobody overtakes. Not recursive: a task that locks it twice waits
// for itself. Not for threads.

#include <utility>

#include "wait_node.hpp"

namespace lull {

class mutex;

// Keeps a mutex locked for as long as it lives. An empty one, as a request to stop leaves it, keeps
// nothing.
class [[nodiscard]] mutex_lock {
 public:
  mutex_lock() noexcept = default;
  mutex_lock(mutex_lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
  inline mutex_lock& operator=(mutex_lock&& other) noexcept;
  inline ~mutex_lock();

  explicit operator bool() const noexcept { return mutex_ != nullptr; }
  // Before its end, and once. Whoever is next resumes in its turn of the run queue.
  inline void unlock() noexcept;

 private:
  friend class mutex;
  friend class condition;
  explicit mutex_lock(mutex* locked) noexcept : mutex_(locked) {}

  mutex* mutex_ = nullptr;
};

class mutex {
 public:
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
    mutex_lock await_resume() noexcept { return mutex_lock(granted_ ? &mutex_ : nullptr); }

   private:
    mutex& mutex_;
  };

  // co_await: the lock; an empty one if a stop was asked for before it was our turn. A free mutex
  // is locked, stop or not.
  lock_awaiter lock() noexcept { return lock_awaiter(*this); }
  // An empty lock if it is not free.
  mutex_lock try_lock() noexcept { return mutex_lock(take() ? this : nullptr); }

 private:
  friend class mutex_lock;
  friend class condition;

  bool take() noexcept { return !std::exchange(locked_, true); }
  void unlock() noexcept {
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

inline mutex_lock& mutex_lock::operator=(mutex_lock&& other) noexcept {
  mutex* const from = std::exchange(other.mutex_, nullptr);
  if (mutex_ != nullptr) mutex_->unlock();
  mutex_ = from;
  return *this;
}

inline mutex_lock::~mutex_lock() {
  if (mutex_ != nullptr) mutex_->unlock();
}

inline void mutex_lock::unlock() noexcept {
  LULL_ASSERT(mutex_ != nullptr,
              "a mutex was unlocked through a lock that does not hold it: it was unlocked before, "
              "moved from, or empty because of a stop; test the lock first");
  std::exchange(mutex_, nullptr)->unlock();
}

}  // namespace lull
