// SPDX-License-Identifier: MIT
#pragma once

// Many readers or one writer, between tasks of one core that keep what it guards across their
// co_awaits. Core-affine: used on one core. First come, first served: a reader that comes after a
// waiting writer waits behind it, so neither side starves. Locking where nobody stands in the way
// suspends nobody and costs a few loads and stores; unlocking hands over to the oldest writer, or
// to all the readers at the front. Not recursive, and a reader cannot become the writer. Not for
// threads: what other cores read is in tables/.

#include <cstddef>
#include <type_traits>

#include "lock.hpp"
#include "wait_node.hpp"

namespace lull {

class shared_mutex {
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

 public:
  template <bool Writes>
  using lock_type = detail::lock<shared_mutex, std::bool_constant<Writes>>;

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
  class [[nodiscard]] lock_awaiter : private waiter {
   public:
    explicit lock_awaiter(shared_mutex& from) noexcept : waiter(from, Writes) {}
    bool await_ready() noexcept { return granted_ = mutex_.try_take(Writes); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      constexpr const char* what = Writes ? "shared_mutex::lock" : "shared_mutex::lock_shared";
      if (!suspend(awaiting, what)) return stepped_back();
      mutex_.waiting_.push_back(*this);
      return true;
    }
    lock_type<Writes> await_resume() noexcept {
      return lock_type<Writes>(granted_ ? &mutex_ : nullptr);
    }
  };

  // co_await: the lock; an empty one if a stop was asked for before it was our turn. Where nobody
  // stands in the way it is locked, stop or not.
  lock_awaiter<true> lock() noexcept { return lock_awaiter<true>(*this); }
  lock_awaiter<false> lock_shared() noexcept { return lock_awaiter<false>(*this); }
  // An empty lock if somebody stands in the way, or waits.
  lock_type<true> try_lock() noexcept { return lock_type<true>(try_take(true) ? this : nullptr); }
  lock_type<false> try_lock_shared() noexcept {
    return lock_type<false>(try_take(false) ? this : nullptr);
  }

 private:
  friend lock_type<true>;
  friend lock_type<false>;

  static constexpr const char* name = "shared_mutex";

  bool try_take(bool writes) noexcept { return waiting_.empty() && take(writes); }
  bool take(bool writes) noexcept {
    if (written_ || (writes && readers_ != 0)) return false;
    if (writes) {
      written_ = true;
    } else {
      ++readers_;
    }
    return true;
  }
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

// Keep a shared_mutex locked for as long as they live, see lock.hpp.
using write_lock = shared_mutex::lock_type<true>;
using read_lock = shared_mutex::lock_type<false>;

}  // namespace lull
