// SPDX-License-Identifier: MIT
#pragma once

// Awaiting the first of several things, on one core. They begin in their order, like those of
// when_all. The first that ends wins, even by an exception, which is thrown. From then on none
// begins: of two that have something at once the second is not touched, and a task whose turn has
// not come is dropped. Those that have begun are asked to stop and waited for, so nothing goes on
// behind the caller's back, and a loser that takes long to stop delays it. A stop asked of the
// caller is passed on to all; the first to end still wins.
//
//   auto first = co_await when_any(ask(one_replica), ask(another));
//   if (first.index == 0) use(std::get<0>(first.value));
//
// A loser that had begun may still have got what it waited for, if that came together with the
// winner. Its result is dropped, its exception too: an owner gives back what it holds, but a value
// out of a channel, a token of a semaphore or the bytes of a receive() are lost. Await what must
// not be lost with when_all, or below a timeout, which gives it; for channels there is select.
// Costs a frame for each that is not a task, and a vector for a range. Await it in the expression
// that makes it, for it refers to awaitables that cannot be moved.

#include <coroutine>
#include <cstddef>
#include <optional>
#include <ranges>
#include <tuple>
#include <utility>
#include <variant>

#include "../base/assert.hpp"
#include "branch.hpp"
#include "branch_group.hpp"
#include "group_of_range.hpp"

namespace lull {

// The first to end: which it was, from 0, and what it gave.
template <class Value>
struct first_of {
  std::size_t index;
  Value value;
};

namespace detail {

template <class... Ts>
class [[nodiscard]] any_await {
  using value_type = std::variant<as_member_t<Ts>...>;

 public:
  explicit any_await(task<Ts>... works) noexcept : members_(std::move(works)...) {}

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    group_.begin(awaiting, sizeof...(Ts));
    std::apply([&](auto&... each) { (group_.start(each, awaiting), ...); }, members_);
    return group_.first();
  }
  first_of<value_type> await_resume() { return take(std::index_sequence_for<Ts...>()); }

 private:
  template <std::size_t... I>
  first_of<value_type> take(std::index_sequence<I...>) {
    std::optional<first_of<value_type>> won;
    (take_if_first<I>(won), ...);
    return std::move(*won);
  }
  template <std::size_t I>
  void take_if_first(std::optional<first_of<value_type>>& won) {
    auto& one = std::get<I>(members_);
    if (group_.decisive() != &one) return;
    won.emplace(I, value_type(std::in_place_index<I>, one.work.take_member()));
  }

  branch_group group_{branch_group::decided_by::first_end};
  std::tuple<member_of_group<Ts>...> members_;
};

template <class T>
class [[nodiscard]] any_of_range_await {
 public:
  explicit any_of_range_await(members_of_range<T> members) noexcept : members_(std::move(members)) {
    LULL_ASSERT(!members_.empty(),
                "when_any of an empty range would wait for ever; leave it out when there is "
                "nothing to wait for");
  }
  any_of_range_await(const any_of_range_await&) = delete;
  any_of_range_await& operator=(const any_of_range_await&) = delete;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    group_.begin(awaiting, members_.size());
    for (auto& each : members_) group_.start(each, awaiting);
    return group_.first();
  }
  first_of<as_member_t<T>> await_resume() {
    std::size_t index = 0;
    while (group_.decisive() != &members_[index]) ++index;
    return {index, members_[index].work.take_member()};
  }

 private:
  branch_group group_{branch_group::decided_by::first_end};
  members_of_range<T> members_;
};

}  // namespace detail

// co_await: a first_of with a std::variant whose alternative is the index; void as std::monostate,
// a reference as a std::reference_wrapper.
template <detail::awaitable First, detail::awaitable... Others>
auto when_any(First&& one, Others&&... others) {
  return detail::awaited_once<
      detail::any_await<detail::branch_result<First>, detail::branch_result<Others>...>>(
      detail::as_task(std::forward<First>(one)), detail::as_task(std::forward<Others>(others))...);
}

// co_await: the same of a range of tasks (or other awaitables that can be moved), which must not be
// empty, with what each of them gives as the value.
template <std::ranges::input_range Range>
auto when_any(Range&& range) {
  auto members = detail::members_from(std::forward<Range>(range));
  using member = typename decltype(members)::value_type;
  return detail::awaited_once<detail::any_of_range_await<typename member::value_type>>(
      std::move(members));
}

}  // namespace lull
