// SPDX-License-Identifier: MIT
#pragma once

// A coroutine that starts when it is awaited and gives its result, or throws its exception, there.
// `co_await std::move(t)`, or of the call itself: `int n = co_await count();`. It runs on the core
// that awaits it. Starting and ending pass control straight from coroutine to coroutine (symmetric
// transfer): a million tasks that are ready at once take no stack. One frame from the core's pool;
// no other allocation, no atomics.
//
// A task that has started is awaited to its end: dropping one while it runs stops the program. A
// task that was never started may be dropped.

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "core_context.hpp"
#include "coroutine_state.hpp"

namespace lull {

class scope;

template <class T = void>
class task;

namespace detail {

template <class T>
class branch;

// Frame memory, where the coroutine is, and the exception that it ended with: what promises add to
// coroutine_state.
class promise_base : public coroutine_state {
 public:
  static void* operator new(std::size_t bytes) {
#ifdef LULL_CHECKED
    if (core_context* const here = core_context::current()) here->frame_sizes.allocated(bytes);
#endif
    return allocate_frame(bytes);
  }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().end();
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  // Called first: this is the frame of that function.
  void begins_at(const std::source_location& function) noexcept {
    is_at(function);
#ifdef LULL_CHECKED
    if (core_context* const here = core_context::current()) here->frame_sizes.belongs_to(function);
#endif
  }

  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  bool failed() const noexcept { return error_ != nullptr; }

 protected:
  void rethrow() {
    if (error_) [[unlikely]]
      rethrow_error();
  }

  std::exception_ptr error_;

 private:
  [[noreturn, gnu::cold, gnu::noinline]] void rethrow_error() {
    std::rethrow_exception(std::move(error_));
  }
};

template <class T>
class task_promise final : public promise_base {
 public:
  task<T> get_return_object(
      std::source_location function = std::source_location::current()) noexcept;
  // As from a function: what converts implicitly, and braces.
  template <class U = T>
    requires std::convertible_to<U&&, T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <class T>
class task_promise<T&> final : public promise_base {
 public:
  task<T&> get_return_object(
      std::source_location function = std::source_location::current()) noexcept;
  void return_value(T& value) noexcept { value_ = &value; }
  T& take() {
    rethrow();
    return *value_;
  }

 private:
  T* value_ = nullptr;
};

template <>
class task_promise<void> final : public promise_base {
 public:
  task<void> get_return_object(
      std::source_location function = std::source_location::current()) noexcept;
  void return_void() noexcept {}
  void take() { rethrow(); }

  struct ending {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<task_promise> ended) const noexcept {
      task_promise& promise = ended.promise();
      return promise.was_spawned() ? promise.leave_scope() : promise.end();
    }
    void await_resume() const noexcept {}
  };
  ending final_suspend() const noexcept { return {}; }

 private:
  // The end of what was spawned: nobody holds it, and its frame goes.
  std::coroutine_handle<> leave_scope() noexcept;
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      drop();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~task() { drop(); }

  class [[nodiscard]] awaiter {
   public:
    explicit awaiter(std::coroutine_handle<promise_type> coroutine) noexcept
        : coroutine_(coroutine) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(detail::suspended awaiting) noexcept {
      coroutine_.promise().start(awaiting.coroutine, awaiting.state);
      return coroutine_;
    }
    T await_resume() { return coroutine_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> coroutine_;
  };

  // Starts it. Once: a task is awaited by one coroutine; by co_await std::move(it) if it has a
  // name.
  void operator co_await() & = delete;
  awaiter operator co_await() && noexcept {
    LULL_ASSERT(coroutine_ != nullptr, "an empty task was awaited (moved from, perhaps)");
    LULL_ASSERT(!coroutine_.promise().started(), "a task was awaited twice; its result is taken");
    return awaiter(coroutine_);
  }

 private:
  friend promise_type;
  friend detail::branch<T>;
  friend class scope;
  explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}

  void drop() noexcept {
    if (coroutine_ == nullptr) return;
    LULL_ASSERT(!coroutine_.promise().started() || coroutine_.done(),
                "a running task was dropped; await it to its end, or spawn it into a scope");
    coroutine_.destroy();
    coroutine_ = nullptr;
  }

  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object(std::source_location function) noexcept {
  begins_at(function);
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
template <class T>
task<T&> task_promise<T&>::get_return_object(std::source_location function) noexcept {
  begins_at(function);
  return task<T&>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object(std::source_location function) noexcept {
  begins_at(function);
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

// What awaiting the result of a call gives: T for a task<T>, the value itself otherwise.
template <class T>
struct awaited {
  using type = T;
};
template <class T>
struct awaited<task<T>> {
  using type = T;
};

}  // namespace detail
}  // namespace lull
