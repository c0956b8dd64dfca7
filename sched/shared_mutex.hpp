// SPDX-License-Identifier: MIT
#pragma once

// Many readers or one writer, between tasks of one core that keep what it guards across their
// co_awaits. Core-affine: used on one core. First come, first served: a reader that comes after a
// waiting writer waits behind it, so neither side starves. Locking where nobody stands in the way
// suspends nobody and costs a few loads and stores; unlocking hands over to the oldest writer, or
// to all the readers at the front. Not recursive, and a reader cannot become the writer. Not for
// threads: what other cores read is in tables/.

#include <cstddef>
#include <utility>

#include "wait_node.hpp"

namespace lull {

class shared_mutex;

// Keeps a shared_mutex locked, for writing or for reading, for as long as it lives. An empty one,
// as a request to stop leaves it, keeps nothing.
template <bool Writes>
class [[nodiscard]] shared_mutex_lock {
 public:
  shared_mutex_lock() noexcept = default;
  shared_mutex_lock(shared_mutex_lock&& other) noexcept
      : mutex_(std::exchange(other.mutex_, nullptr)) {}
  inline shared_mutex_lock& operator=(shared_mutex_lock&& other) noexcept;
  inline ~shared_mutex_lock();

  explicit operator bool() const noexcept { return mutex_ != nullptr; }
  // Before its end, and once. Whoever is next resumes in its turn of the run queue.
  inline void unlock() noexcept;

 private:
  friend class shared_mutex;
  explicit shared_mutex_lock(shared_mutex* locked) noexcept : mutex_(locked) {}

  shared_mutex* mutex_ = nullptr;
};

using write_lock = shared_mutex_lock<true>;
using read_lock = shared_mutex_lock<false>;

class shared_mutex {
  class waiter;

 public:
  shared_mutex() noexcept = default;
  shared_mutex(const shared_mutex&) = delete;
  shared_mutex& operator=(const shared_mutex&) = delete;
  ~shared_mutex() {
    LULL_ASSERT(waiting_.empty(),
                "a shared_mutex was destroyed while tasks wait for it; join their scope first");
    LULL_ASSERT(!written_ && readers_ == 0,
                "a shared_mutex was destroyed while it is locked; let the locks go first");
  }

  template <bool Writes>
  class lock_awaiter;

  // co_await: the lock; an empty one if a stop was asked for before it was our turn. Where nobody
  // stands in the way it is locked, stop or not.
  inline lock_awaiter<true> lock() noexcept;
  inline lock_awaiter<false> lock_shared() noexcept;
  // An empty lock if somebody stands in the way, or waits.
  write_lock try_lock() noexcept { return write_lock(try_take(true) ? this : nullptr); }
  read_lock try_lock_shared() noexcept { return read_lock(try_take(false) ? this : nullptr); }

 private:
  template <bool Writes>
  friend class shared_mutex_lock;

  class waiter : public detail::wait_node {
   protected:
    waiter(shared_mutex& from, bool writes) noexcept
        : wait_node(&waiter::stopped), mutex_(from), writes_(writes) {}

    // Those behind a writer may be readers, beside readers that have it.
    static void stopped(stop_hook& hook) noexcept {
      leave(hook);
      static_cast<waiter&>(hook).mutex_.serve();
    }

    shared_mutex& mutex_;

   private:
    friend class shared_mutex;
    bool writes_;
  };

  bool take(bool writes) noexcept {
    if (written_ || (writes && readers_ != 0)) return false;
    if (writes) {
      written_ = true;
    } else {
      ++readers_;
    }
    return true;
  }
  bool try_take(bool writes) noexcept { return waiting_.empty() && take(writes); }
  void unlock(bool written) noexcept {
    if (written) {
      written_ = false;
    } else {
      --readers_;
    }
    serve();
  }
  void serve() noexcept {
    while (!waiting_.empty() && take(waiting_.front().writes_)) waiting_.pop_front().grant();
  }

  detail::intrusive_list<waiter> waiting_;
  std::size_t readers_ = 0;
  bool written_ = false;
};

template <bool Writes>
class [[nodiscard]] shared_mutex::lock_awaiter : private shared_mutex::waiter {
 public:
  explicit lock_awaiter(shared_mutex& from) noexcept : waiter(from, Writes) {}
  bool await_ready() noexcept { return granted_ = mutex_.try_take(Writes); }
  bool await_suspend(detail::suspended awaiting) noexcept {
    if (!suspend(awaiting, Writes ? "shared_mutex::lock" : "shared_mutex::lock_shared")) {
      return stepped_back();
    }
    mutex_.waiting_.push_back(*this);
    return true;
  }
  shared_mutex_lock<Writes> await_resume() noexcept {
    return shared_mutex_lock<Writes>(granted_ ? &mutex_ : nullptr);
  }
};

inline shared_mutex::lock_awaiter<true> shared_mutex::lock() noexcept {
  return lock_awaiter<true>(*this);
}
inline shared_mutex::lock_awaiter<false> shared_mutex::lock_shared() noexcept {
  return lock_awaiter<false>(*this);
}

template <bool Writes>
inline shared_mutex_lock<Writes>& shared_mutex_lock<Writes>::operator=(
    shared_mutex_lock&& other) noexcept {
  shared_mutex* const from = std::exchange(other.mutex_, nullptr);
  if (mutex_ != nullptr) mutex_->unlock(Writes);
  mutex_ = from;
  return *this;
}

template <bool Writes>
inline shared_mutex_lock<Writes>::~shared_mutex_lock() {
  if (mutex_ != nullptr) mutex_->unlock(Writes);
}

template <bool Writes>
inline void shared_mutex_lock<Writes>::unlock() noexcept {
  LULL_ASSERT(mutex_ != nullptr,
              "a shared_mutex was unlocked through a lock that does not hold it: it was unlocked "
              "before, moved from, or empty because of a stop; test the lock first");
  std::exchange(mutex_, nullptr)->unlock(Writes);
}

}  // namespace lull
