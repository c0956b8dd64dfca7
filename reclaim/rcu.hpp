// SPDX-License-Identifier: MIT
#pragma once

// The names that C++26 gives to this kind of reclamation (<rcu>), over a domain of ours: for code
// that is written against those, and will move on to the standard's. A thin layer: rcu_domain names
// the domain, the work is done by the calling thread's participant of it. What differs: reading is
// free, so lock() only checks that the thread is online; a region ends at the thread's next
// quiescent state, not at unlock(); and there is no default domain, as no thread is a participant
// by itself. A thread without a participant of that domain is stopped with a sentence.

#include <memory>
#include <type_traits>
#include <utility>

#include "participant.hpp"
#include "retirable.hpp"
#include "retire.hpp"

namespace lull {

class rcu_domain {
 public:
  explicit rcu_domain(domain& over) noexcept : domain_(over) {}
  rcu_domain(const rcu_domain&) = delete;
  rcu_domain& operator=(const rcu_domain&) = delete;

  // A region of reading, for std::scoped_lock. No cost but the check.
  void lock() noexcept {
    LULL_ASSERT(
        here("rcu_domain::lock").is_online(),
        "rcu_domain::lock was called by a participant that is offline: call online() first");
  }
  bool try_lock() noexcept {
    lock();
    return true;
  }
  void unlock() noexcept {}

  // The calling thread's participant.
  participant& here(const char* call) noexcept {
    participant& current = detail::require_current(call);
    LULL_ASSERT(current.belongs_to(domain_),
                "%s was called on a thread whose participant belongs to another domain", call);
    return current;
  }

 private:
  domain& domain_;
};

template <class T, class Deleter>
class rcu_obj_base;

namespace detail {

// The deleter lies in the object; it is taken out before the object goes.
template <class T, class Deleter>
struct rcu_deleter {
  void operator()(T* object) const noexcept {
    Deleter deleter = std::move(static_cast<rcu_obj_base<T, Deleter>*>(object)->deleter_);
    deleter(object);
  }
};

}  // namespace detail

// Objects that bring their place in limbo along: retire() takes no memory and cannot fail.
template <class T, class Deleter = std::default_delete<T>>
class rcu_obj_base : public retirable<T, detail::rcu_deleter<T, Deleter>> {
 public:
  void retire(Deleter deleter, rcu_domain& where) noexcept {
    deleter_ = std::move(deleter);
    where.here("rcu_obj_base::retire").retire(static_cast<T*>(this));
  }
  void retire(rcu_domain& where) noexcept { retire(Deleter(), where); }

 protected:
  rcu_obj_base() = default;
  ~rcu_obj_base() = default;

 private:
  friend struct detail::rcu_deleter<T, Deleter>;

  [[no_unique_address]] Deleter deleter_;
};

// Anything else. Throws std::bad_alloc with nothing changed.
template <class T, class Deleter = std::default_delete<T>>
void rcu_retire(T* object, Deleter deleter, rcu_domain& where) {
  participant& here = where.here("rcu_retire");
  std::unique_ptr<T, Deleter> owned(object, std::move(deleter));
  try {
    here.retire(std::move(owned));
  } catch (...) {
    static_cast<void>(owned.release());
    throw;
  }
}
template <class T>
void rcu_retire(T* object, rcu_domain& where) {
  where.here("rcu_retire").retire(object);
}

// Both block, offline, and are for threads without a scheduler: participant.hpp.
inline void rcu_synchronize(rcu_domain& where) noexcept {
  where.here("rcu_synchronize").synchronize();
}
inline void rcu_barrier(rcu_domain& where) noexcept { where.here("rcu_barrier").barrier(); }

}  // namespace lull
