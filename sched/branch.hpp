// SPDX-License-Identifier: MIT
#pragma once

// A coroutine that another one starts and awaits in a way of its own: below a stop request of its
// own, or beside others. What timeout, when_all and their like are built of. It belongs to the same
// task. Core-local. A task is started as it is; any other awaitable costs a frame, for the small
// coroutine that awaits it. Not for users.

#include <coroutine>
#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include "../base/assert.hpp"
#include "coroutine_state.hpp"
#include "ready_queue.hpp"
#include "task.hpp"

namespace lull::detail {

// What co_await awaits when it is given an Awaitable.
template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& from) noexcept {
  if constexpr (requires { std::forward<Awaitable>(from).operator co_await(); }) {
    return std::forward<Awaitable>(from).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<Awaitable>(from)); }) {
    return operator co_await(std::forward<Awaitable>(from));
  } else {
    return std::forward<Awaitable>(from);
  }
}

// What co_await awaits, as a value that passes everything on: of a reference to an awaiter that can
// not be copied gcc 12 wants a copy. The co_await noted is that of the coroutine.
template <class Awaitable>
class [[nodiscard]] passed_on {
 public:
  explicit passed_on(Awaitable&& awaitable) noexcept
      : awaiter_(awaiter_of(static_cast<Awaitable&&>(awaitable))) {}
  bool await_ready() { return awaiter_.await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> awaiting,
                     const std::source_location& at = std::source_location::current()) {
    if constexpr (requires { awaiter_.await_suspend(suspended(awaiting, at)); }) {
      return awaiter_.await_suspend(suspended(awaiting, at));
    } else {
      return awaiter_.await_suspend(awaiting);
    }
  }
  decltype(auto) await_resume() { return awaiter_.await_resume(); }

 private:
  decltype(awaiter_of(std::declval<Awaitable>())) awaiter_;
};

// What co_await gives: no reference to something that dies with the expression.
template <class Awaitable>
using await_result = decltype(awaiter_of(std::declval<Awaitable>()).await_resume());
template <class Awaitable>
using kept_result =
    std::conditional_t<std::is_lvalue_reference_v<await_result<Awaitable>>, await_result<Awaitable>,
                       std::remove_cvref_t<await_result<Awaitable>>>;

template <class Awaitable>
concept awaitable = requires { typename await_result<Awaitable>; };

// A result as a member of a tuple or a vector.
template <class T>
struct as_member {
  using type = T;
};
template <class T>
struct as_member<T&> {
  using type = std::reference_wrapper<T>;
};
template <>
struct as_member<void> {
  using type = std::monostate;
};
template <class T>
using as_member_t = typename as_member<T>::type;

// Moves what it is given into its frame, where that can be moved.
template <class Awaitable>
task<kept_result<Awaitable>> await_owned(Awaitable owned) {
  co_return co_await std::move(owned);
}
// What cannot be moved (most awaitables of lull: queues point into them) stays where it is, in the
// expression that awaits all of it.
template <class Awaitable>
task<kept_result<Awaitable>> await_in_place(std::remove_reference_t<Awaitable>& at) {
  co_return co_await passed_on<Awaitable>(static_cast<Awaitable&&>(at));
}

template <class Awaitable>
auto as_task(Awaitable&& from) {
  static_assert(awaitable<Awaitable>, "this is nothing that can be awaited; a task: std::move(it)");
  using plain = std::remove_cvref_t<Awaitable>;
  if constexpr (is_task<plain>) {
    return plain(std::forward<Awaitable>(from));
  } else if constexpr (std::is_lvalue_reference_v<Awaitable> ||
                       !std::is_move_constructible_v<plain>) {
    return await_in_place<Awaitable>(from);
  } else {
    return await_owned<plain>(std::forward<Awaitable>(from));
  }
}

// What a task<T> gives, of whatever as_task makes a task.
template <class Awaitable>
using branch_result = typename decltype(as_task(std::declval<Awaitable>()))::value_type;

// What users get: awaited once, as a task is, in the expression that makes it or by std::move. So
// `auto later = timeout(1s, sleep(2s)); co_await later;`, whose sleep is gone, does not compile.
template <class Awaiter>
class [[nodiscard]] awaited_once : private Awaiter {
 public:
  using Awaiter::Awaiter;
  void operator co_await() & = delete;
  passed_on<Awaiter&> operator co_await() && noexcept { return passed_on<Awaiter&>(*this); }
};

template <class T>
class branch {
 public:
  using member_type = as_member_t<T>;

  explicit branch(task<T> work) noexcept : work_(std::move(work)) {}

  // The coroutine, started but for its first resumption, which is left to the caller.
  std::coroutine_handle<> start(suspended awaiting, stop_state* below,
                                end_hook* hears = nullptr) noexcept {
    check_new();
    state().start(awaiting.coroutine, awaiting.state, below, hears);
    return work_.coroutine_;
  }
  // To be resumed from the run queue.
  void make_ready_by(ready_node& start) noexcept { start.starts(work_.coroutine_, state()); }

  bool failed() const noexcept { return work_.coroutine_.promise().failed(); }
  // Its result or exception, once it has ended.
  T take() { return state().take(); }
  member_type take_member() {
    if constexpr (std::is_void_v<T>) {
      take();
      return {};
    } else {
      return take();
    }
  }

 private:
  auto& state() noexcept { return work_.coroutine_.promise(); }
  void check_new() noexcept {
    LULL_ASSERT(work_.coroutine_ != nullptr, "an empty task was awaited (moved from, perhaps)");
    LULL_ASSERT(!state().started(), "a task was awaited twice; its result is taken");
  }

  task<T> work_;
};

}  // namespace lull::detail
