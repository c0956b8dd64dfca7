// SPDX-License-Identifier: MIT
#pragma once

// Keeps a mutex locked, or a shared_mutex in one of its ways, for as long as it lives. An empty
// one, as a request to stop leaves it, keeps nothing. It is used on the core of what it keeps.

#include <utility>

#include "../base/assert.hpp"

namespace lull::detail {

// `Way` says how it is locked, to `Mutex::unlock(Way)`.
template <class Mutex, class Way>
class [[nodiscard]] lock {
 public:
  lock() noexcept = default;
  lock(lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
  lock& operator=(lock&& other) noexcept {
    Mutex* const from = std::exchange(other.mutex_, nullptr);
    if (mutex_ != nullptr) mutex_->unlock(Way());
    mutex_ = from;
    return *this;
  }
  ~lock() {
    if (mutex_ != nullptr) mutex_->unlock(Way());
  }

  explicit operator bool() const noexcept { return mutex_ != nullptr; }
  // Before its end, and once. Whoever is next resumes in its turn of the run queue.
  void unlock() noexcept {
    LULL_ASSERT(mutex_ != nullptr,
                "a %s was unlocked through a lock that does not hold it: it was unlocked before, "
                "moved from, or empty because of a stop; test the lock first",
                Mutex::name);
    std::exchange(mutex_, nullptr)->unlock(Way());
  }

  // What it keeps; null: nothing.
  Mutex* mutex() const noexcept { return mutex_; }

 private:
  friend Mutex;
  explicit lock(Mutex* locked) noexcept : mutex_(locked) {}

  Mutex* mutex_ = nullptr;
};

}  // namespace lull::detail
