// SPDX-License-Identifier: MIT
#pragma once

// Awaiting something for a limited time, on one core. When the time is up it is asked to stop, as
// by its scope, and waited for: nothing goes on behind the caller's back, and a result that raced
// with the time is delivered. A stop asked of the caller is passed on. Costs a timer (no system
// call), and no frame where a task is awaited.
//
//   auto got = co_await timeout(5s, stream.receive(buffer));
//   if (!got) too_late(); else if (*got) use(**got); else failed(got->why());
//
// (io/within.hpp gives one result for both, where what is awaited gives a result.)
//
// It does not interrupt: what never awaits, or heeds no stop, takes as long as it takes. Await it
// in the expression that makes it, for it refers to awaitables that cannot be moved.

#include <coroutine>
#include <functional>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "branch.hpp"
#include "core_context.hpp"
#include "stop.hpp"

namespace lull {

template <class T>
class timed;

namespace detail {

// Results that say themselves whether they are a success: result, bool, optional, pointers.
template <class T>
struct success {
  static constexpr bool is_known = std::is_same_v<T, bool> || std::is_pointer_v<T> ||
                                   (std::is_class_v<T> && std::is_constructible_v<bool, const T&>);
  static bool of(const T& result) { return static_cast<bool>(result); }
};
template <class T>
struct success<std::reference_wrapper<T>> : success<std::remove_const_t<T>> {};
// Of two limits the outer may be up alone: it asks what is within the inner.
template <class T>
struct success<timed<T>> {
  static constexpr bool is_known = success<T>::is_known;
  static bool of(const timed<T>& result) { return result && success<T>::of(*result); }
};

}  // namespace detail

// What was awaited for a limited time. Its time was up (timed_out) if it ended after its time, and
// did not give something that says itself to be a success: a `result` without error, a true, a
// pointer. What it gave is there all the same: a task that counts, say, may give how far it came.
// Nothing is there if it was out of time and ended by a std::system_error of operation_canceled,
// which is how value() of a stopped operation ends; any other exception is thrown.
template <class T>
class [[nodiscard]] timed {
 public:
  timed() noexcept = default;
  timed(T value, bool late) noexcept(std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)), timed_out_(late) {
    if constexpr (detail::success<T>::is_known) {
      timed_out_ = late && !detail::success<T>::of(*value_);
    }
  }

  bool timed_out() const noexcept { return timed_out_; }
  // It ended in time; a bool also has to be true, so that a wait which was stopped is no success.
  explicit operator bool() const noexcept {
    if constexpr (std::is_same_v<T, bool>) return !timed_out_ && *value_;
    return !timed_out_;
  }

  bool has_value() const noexcept { return value_.has_value(); }
  T& operator*() & noexcept { return checked(); }
  const T& operator*() const& noexcept { return const_cast<timed*>(this)->checked(); }
  T&& operator*() && noexcept { return std::move(checked()); }
  T* operator->() noexcept { return &checked(); }
  const T* operator->() const noexcept { return &const_cast<timed*>(this)->checked(); }

 private:
  T& checked() noexcept {
    LULL_ASSERT(value_.has_value(),
                "what was awaited in vain was used: its time was up; test it before");
    return *value_;
  }

  std::optional<T> value_;
  bool timed_out_ = true;
};

namespace detail {

// A stop request below the caller's that a timer makes.
class time_limit : public stop_below, private timer_node {
 public:
  time_limit() noexcept : timer_node(&time_limit::is_up) {}

  void begin(stop_state* above, time_point end) noexcept;
  void end() noexcept;
  // The time was up before it ended and before anybody else asked it to stop.
  bool was_up() const noexcept { return was_up_; }

 private:
  static void is_up(timer_node& timer) noexcept;

  core_context* home_ = nullptr;
  bool was_up_ = false;
};

// T is what the task gives; Derived of one of the two says when its time ends.
template <class T>
class [[nodiscard]] timed_await {
  using member_type = as_member_t<T>;

 public:
  timed_await(time_point end, task<T> work) noexcept : work_(std::move(work)), end_(end) {}
  timed_await(nanoseconds duration, task<T> work) noexcept
      : work_(std::move(work)), duration_(duration), relative_(true) {}

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    if (relative_) end_ = later(this_context("timeout").now, duration_);
    limit_.begin(awaiting.stop(), end_);
    return work_.start(awaiting, &limit_);
  }
  // timed<T>; for void, whether it ended before it was asked to stop.
  auto await_resume() {
    limit_.end();
    using gives = std::conditional_t<std::is_void_v<T>, bool, timed<member_type>>;
    const bool late = limit_.was_up();
    if (!late || !work_.failed()) return give<gives>(late);
    try {
      return give<gives>(late);
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::operation_canceled) throw;
    }
    return gives();
  }

 private:
  template <class Gives>
  Gives give([[maybe_unused]] bool late) {
    if constexpr (std::is_void_v<T>) {
      work_.take();
      return !limit_.requested();  // by whomever: an outer limit asks what this says
    } else {
      return Gives(work_.take_member(), late);
    }
  }

  branch<T> work_;
  time_limit limit_;
  time_point end_{};
  nanoseconds duration_{};
  bool relative_ = false;
};

}  // namespace detail

// co_await: what `awaitable` gives, as a timed<T>; for void, true if it ended before it was asked
// to stop, by its time or by anybody. It is always begun, and has until the first iteration that
// begins after `duration` has passed since now(), as a sleep would take; nanoseconds::max(), or
// that of any other unit, is without limit.
template <detail::awaitable Awaitable>
auto timeout(time_span duration, Awaitable&& awaitable) {
  return detail::awaited_once<detail::timed_await<detail::branch_result<Awaitable>>>(
      duration, detail::as_task(std::forward<Awaitable>(awaitable)));
}

// The same until a time of the core's clock: lull::now() and later.
template <detail::awaitable Awaitable>
auto deadline(time_point end, Awaitable&& awaitable) {
  return detail::awaited_once<detail::timed_await<detail::branch_result<Awaitable>>>(
      end, detail::as_task(std::forward<Awaitable>(awaitable)));
}

}  // namespace lull
