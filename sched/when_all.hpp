// SPDX-License-Identifier: MIT
#pragma once

// Awaiting several things at once, on one core, until all have ended. They run as coroutines of the
// awaiting task, and begin in their order: the first at once, the others at their turn of the run
// queue. Results come in the same order. When one throws, those that have begun are asked to stop,
// those that have not never begin, and its exception is thrown when all have ended; what the others
// gave meanwhile, or took, is dropped. A stop asked of the caller is passed on to all, and keeps
// none from beginning.
//
//   auto [page, rate] = co_await when_all(load(url), ask(peer));
//   std::vector<int> sizes = co_await when_all(std::move(tasks));
//
// Costs nothing but a frame for each that is not a task, and a vector for a range; no atomics. It
// makes nothing parallel: to use other cores, await run_on. Await it in the expression that makes
// it, for it refers to awaitables that cannot be moved.

#include <coroutine>
#include <exception>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "branch.hpp"
#include "branch_group.hpp"
#include "group_of_range.hpp"

namespace lull {

namespace detail {

template <class... Ts>
class [[nodiscard]] all_await {
 public:
  explicit all_await(task<Ts>... works) noexcept : members_(std::move(works)...) {}

  bool await_ready() const noexcept { return sizeof...(Ts) == 0; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    group_.begin(awaiting, sizeof...(Ts));
    std::apply([&](auto&... each) { (group_.start(each, awaiting), ...); }, members_);
    return group_.first();
  }
  std::tuple<as_member_t<Ts>...> await_resume() {
    if (group_.decisive() != nullptr) {
      std::apply([&](auto&... each) { (rethrow_if_decisive(each), ...); }, members_);
    }
    return std::apply(
        [](auto&... each) { return std::tuple<as_member_t<Ts>...>{each.work.take_member()...}; },
        members_);
  }

 private:
  template <class Member>
  void rethrow_if_decisive(Member& one) {
    if (group_.decisive() == &one) static_cast<void>(one.work.take());
  }

  branch_group group_{branch_group::decided_by::first_failure};
  std::tuple<member_of_group<Ts>...> members_;
};

template <class T>
class [[nodiscard]] all_of_range_await {
 public:
  // Throws std::bad_alloc before any of them has begun.
  explicit all_of_range_await(members_of_range<T> members) : members_(std::move(members)) {
    results_.reserve(members_.size());
  }
  all_of_range_await(const all_of_range_await&) = delete;
  all_of_range_await& operator=(const all_of_range_await&) = delete;

  bool await_ready() const noexcept { return members_.empty(); }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    group_.begin(awaiting, members_.size());
    for (auto& each : members_) group_.start(each, awaiting);
    return group_.first();
  }
  std::vector<as_member_t<T>> await_resume() {
    for (auto& each : members_) {
      if (group_.decisive() == &each) static_cast<void>(each.work.take());
    }
    for (auto& each : members_) results_.push_back(each.work.take_member());
    return std::move(results_);
  }

 private:
  branch_group group_{branch_group::decided_by::first_failure};
  members_of_range<T> members_;
  std::vector<as_member_t<T>> results_;
};

}  // namespace detail

// co_await: what each of them gives, as a tuple; void as std::monostate, a reference as a
// std::reference_wrapper.
template <detail::awaitable... Awaitables>
auto when_all(Awaitables&&... awaitables) {
  return detail::awaited_once<detail::all_await<detail::branch_result<Awaitables>...>>(
      detail::as_task(std::forward<Awaitables>(awaitables))...);
}

// co_await: the same of a range of tasks (or other awaitables that can be moved), as a vector.
template <std::ranges::input_range Range>
auto when_all(Range&& range) {
  auto members = detail::members_from(std::forward<Range>(range));
  using member = typename decltype(members)::value_type;
  return detail::awaited_once<detail::all_of_range_await<typename member::value_type>>(
      std::move(members));
}

}  // namespace lull
