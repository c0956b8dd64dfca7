// SPDX-License-Identifier: MIT
#pragma once

// The result of a call that was made on another core, where moving from it leaves something that
// has to be destroyed: it lies in a block of that core's, the caller moves it out, and the block
// goes home with the next messages. It waits there until that core is awake. Costs a block of the
// frame pool and a message that wakes nobody. Not for users.

#include <exception>
#include <utility>

#include "core.hpp"

namespace lull::detail {

template <class T>
class left_behind {
 public:
  left_behind() noexcept = default;
  left_behind(const left_behind&) = delete;
  left_behind& operator=(const left_behind&) = delete;
  ~left_behind() {
    if (made_ != nullptr) core::current().leave_with(made_->home, *made_);
  }

  // On the core of the call.
  template <class F>
  void capture(F&& call) noexcept {
    try {
      made_ = new block(std::forward<F>(call));
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  template <class U>
  void set(U&& value) {
    made_ = new block([&value]() -> T { return std::forward<U>(value); });
  }
  void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }

  // On the caller's.
  T take() {
    if (error_) std::rethrow_exception(std::move(error_));
    return std::move(made_->value);
  }

 private:
  struct block : message {
    static_assert(alignof(T) <= frame_pool::granule,
                  "a result of a larger alignment does not cross cores; return a pointer to it");

    template <class F>
    explicit block(F&& call)
        : message(&block::came_home), home(core::current()), value(std::forward<F>(call)()) {}

    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
      deallocate_frame(memory, bytes);
    }
    static void came_home(message& self) noexcept { delete static_cast<block*>(&self); }

    core& home;
    T value;
  };

  block* made_ = nullptr;
  std::exception_ptr error_;
};

}  // namespace lull::detail
