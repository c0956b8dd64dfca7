// SPDX-License-Identifier: MIT
#pragma once

// Waiting, with a mutex locked, until another task of this core has changed what the mutex guards.
// The mutex is free while the task waits and locked again when it resumes, whatever ended the wait.
// Core-affine: used on one core. Notifying costs a few stores a task, and moves it into the queue
// of the mutex: it resumes once it has the lock. Nobody wakes without being notified or stopped.

#include <utility>

#include "mutex.hpp"
#include "task.hpp"
#include "wait_node.hpp"

namespace lull {

class condition {
 public:
  condition() noexcept = default;
  condition(const condition&) = delete;
  condition& operator=(const condition&) = delete;
  ~condition() {
    LULL_ASSERT(waiting_.empty(),
                "a condition was destroyed while tasks wait for it; notify them, or join their "
                "scope first");
  }

  class [[nodiscard]] wait_awaiter : private detail::wait_node {
   public:
    wait_awaiter(condition& on, mutex_lock& lock) noexcept
        : wait_node(&wait_awaiter::stopped), condition_(on), mutex_(lock.mutex()) {}
    bool await_ready() const noexcept {
      LULL_ASSERT(mutex_ != nullptr,
                  "a condition was awaited with a lock that holds nothing; lock the mutex that "
                  "guards what is awaited first");
      return false;
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "condition::wait")) return stepped_back();
      condition_.waiting_.push_back(*this);
      mutex_->unlock(mutex::whole());
      return true;
    }
    [[nodiscard]] bool await_resume() const noexcept { return notified_; }

   private:
    friend class condition;
    friend class detail::intrusive_list<wait_awaiter>;

    // From here on it waits for the mutex, and no stop reaches it.
    void lock_again() noexcept {
      stop_hook::unlink();
      mutex_->enqueue(*this);
    }
    static void stopped(stop_hook& hook) noexcept {
      auto& self = static_cast<wait_awaiter&>(hook);
      self.detail::list_node::unlink();
      self.lock_again();
    }

    condition& condition_;
    mutex* mutex_;
    bool notified_ = false;
  };

  // co_await: true once notified; false if a stop was asked for before. `lock` holds the mutex
  // before and after, and the wait for the mutex is not cut short by a stop.
  wait_awaiter wait(mutex_lock& lock) noexcept { return wait_awaiter(*this, lock); }

  // co_await: until `done()` holds, which is asked with the mutex locked, now and after each
  // notification. Gives what it said last: false only if a stop was asked for. One frame from the
  // core's pool.
  template <class Predicate>
  task<bool> wait(mutex_lock& lock, Predicate done) {
    while (!done()) {
      const bool notified = co_await wait(lock);
      if (!notified) co_return done();
    }
    co_return true;
  }

  // The oldest that waits. With the mutex locked or not.
  void notify_one() noexcept {
    if (!waiting_.empty()) notify_first();
  }
  // All that wait now.
  void notify_all() noexcept {
    while (!waiting_.empty()) notify_first();
  }

 private:
  void notify_first() noexcept {
    wait_awaiter& first = waiting_.pop_front();
    first.notified_ = true;
    first.lock_again();
  }

  detail::intrusive_list<wait_awaiter> waiting_;
};

}  // namespace lull
