// SPDX-License-Identifier: MIT
#pragma once

// A coroutine that gives one value after another, and may await between them.
//
//   async_generator<line> lines(tcp_stream& from) { ... co_yield line(text); ... }
//   while (line* one = co_await all.next()) use(*one);
//
// It runs only while its next() is awaited, as part of the task that awaits it: on that core, and a
// stop asked of that task ends what it awaits. One frame; values are not copied (but for constants
// that it yields); no atomics, and a million values take no stack. Dropping one at a co_yield, or
// before its start, ends it there: its variables are destroyed. Dropping one that awaits in its
// middle stops the program. It is no channel: it makes nothing ahead of being asked. With gcc 12
// yield variables, not temporaries: see README, Limits.

#include <coroutine>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "coroutine_state.hpp"
#include "task.hpp"

namespace lull {

template <class T>
class [[nodiscard]] async_generator {
  static_assert(std::is_same_v<T, std::remove_cvref_t<T>>,
                "a generator gives values: async_generator<T>, T without const or reference");

 public:
  class promise_type;
  using value_type = T;

  async_generator(async_generator&& other) noexcept
      : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  async_generator& operator=(async_generator&& other) noexcept {
    if (this != &other) {
      drop();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~async_generator() { drop(); }

  class [[nodiscard]] next_awaiter {
   public:
    explicit next_awaiter(std::coroutine_handle<promise_type> coroutine) noexcept
        : coroutine_(coroutine) {}
    bool await_ready() const noexcept { return coroutine_.done(); }
    std::coroutine_handle<> await_suspend(detail::suspended awaiting) noexcept {
      coroutine_.promise().go_on(awaiting);
      return coroutine_;
    }
    T* await_resume() { return coroutine_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> coroutine_;
  };

  // co_await: its next value, which is good until the next one is asked for and may be moved from;
  // null when it has ended, then and ever after. Throws what it ends with, once. By one coroutine
  // at a time.
  next_awaiter next() noexcept {
    LULL_ASSERT(coroutine_ != nullptr,
                "an empty generator was asked for more (moved from, perhaps)");
    return next_awaiter(coroutine_);
  }

 private:
  explicit async_generator(std::coroutine_handle<promise_type> coroutine) noexcept
      : coroutine_(coroutine) {}

  void drop() noexcept {
    if (coroutine_ == nullptr) return;
    LULL_ASSERT(!coroutine_.promise().runs(),
                "a generator was dropped while its next() was awaited; wait for that first");
    coroutine_.destroy();
    coroutine_ = nullptr;
  }

  std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
class async_generator<T>::promise_type : public detail::promise_base {
 public:
  async_generator get_return_object(
      std::source_location function = std::source_location::current()) noexcept {
    begins_at(function);
    return async_generator(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  void return_void() noexcept {}

  // What is yielded stays in the frame, or wherever it is, until the generator goes on.
  final_awaiter yield_value(T& value) noexcept {
    value_ = std::addressof(value);
    return {};
  }
  final_awaiter yield_value(T&& value) noexcept { return yield_value(value); }

  // A constant is copied, for whoever gets it may change it.
  class copied : public final_awaiter {
   public:
    copied(const T& value, promise_type& self) : copy_(value), self_(self) {}
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> yields) noexcept {
      self_.value_ = std::addressof(copy_);
      return final_awaiter::await_suspend(yields);
    }

   private:
    T copy_;
    promise_type& self_;
  };
  copied yield_value(const T& value) { return copied(value, *this); }

 private:
  friend async_generator;
  friend next_awaiter;

  bool runs() const noexcept { return runs_; }
  void go_on(detail::suspended awaiting) noexcept {
    LULL_ASSERT(!runs_, "a generator was asked for more by two coroutines at a time");
    runs_ = true;
    value_ = nullptr;
    start(awaiting.coroutine, awaiting.state);
  }
  T* take() {
    runs_ = false;
    rethrow();
    return value_;
  }

  T* value_ = nullptr;
  bool runs_ = false;
};

}  // namespace lull
