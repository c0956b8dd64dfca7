// SPDX-License-Identifier: MIT
#pragma once

// A section that no stop request reaches: for what must be carried through once it has begun, such
// as a farewell to the peer. Core-local; a frame unless it is a task. It is no protection from
// taking long: limit it by a timeout of its own, within: `shield(timeout(1s, say_goodbye()))`.

#include <coroutine>
#include <utility>

#include "branch.hpp"

namespace lull {

namespace detail {

template <class T>
class [[nodiscard]] shielded_await {
 public:
  explicit shielded_await(task<T> work) noexcept : work_(std::move(work)) {}

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    return work_.start(awaiting, nullptr);
  }
  T await_resume() { return work_.take(); }

 private:
  branch<T> work_;
};

}  // namespace detail

// co_await: what `awaitable` gives or throws. A stop asked of the caller meanwhile is seen by what
// the caller awaits next.
template <detail::awaitable Awaitable>
auto shield(Awaitable&& awaitable) {
  return detail::awaited_once<detail::shielded_await<detail::branch_result<Awaitable>>>(
      detail::as_task(std::forward<Awaitable>(awaitable)));
}

}  // namespace lull
