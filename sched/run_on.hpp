// SPDX-License-Identifier: MIT
#pragma once

// co_await run_on(core, f, args...): runs f(args...) on another core and gives its result, or
// throws its exception, here. `f` returns a value, or a task that is awaited over there. Suspends.
// The call travels in the awaiter itself: no allocation for a plain function, one frame there for a
// task. All messages that a core sends in one iteration travel together; a sleeping core is woken
// once.
//
// A plain `f` runs between two coroutines of the target core, must not block, and may read shared
// tables. A stop asked for meanwhile is not passed on: the call is waited for. A task runs in the
// group of its caller; the time of a plain `f` is no group's.
//
// What a move leaves of callable and arguments is destroyed on the calling core, what it leaves of
// the result on the other one: a result that is not trivially destructible costs a block of that
// core's frame pool and one more message, which wakes nobody.

#include <coroutine>
#include <exception>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core.hpp"
#include "inbox.hpp"
#include "left_behind.hpp"
#include "returned.hpp"
#include "task.hpp"

namespace lull {

namespace detail {

inline unsigned group_of(suspended awaiting) noexcept {
  const task_record* const its = awaiting.state == nullptr ? nullptr : awaiting.state->record();
  return its == nullptr ? 0 : its->group();
}

}  // namespace detail

template <class F, class... Args>
class [[nodiscard]] run_on : private detail::message {
  static_assert(std::is_invocable_v<F&, Args...>,
                "run_on takes a callable and the arguments of its call, kept as values until then: "
                "pass the function and not its call, and std::ref or a pointer where a parameter "
                "is a reference");
  using call_result = std::invoke_result_t<F&, Args...>;
  using value_type = typename detail::awaited<call_result>::type;
  static_assert(!std::is_reference_v<value_type>,
                "a reference into another core's data is good there only; return a value");

 public:
  run_on(unsigned target, F callable, Args... arguments)
      : message(&run_on::arrived),
        target_(target),
        callable_(std::move(callable)),
        arguments_(std::move(arguments)...) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(detail::suspended awaiting) {
    waiter_.is_for(awaiting, "run_on");
    group_ = detail::group_of(awaiting);
    home_ = &core::current();
    home_->send(home_->peer(target_), *this);
  }
  value_type await_resume() { return returned_.take(); }

 private:
  // On the target core.
  static void arrived(message& self) noexcept {
    auto& call = static_cast<run_on&>(self);
    if constexpr (detail::is_task<call_result>) {
      try {
        core& here = core::current();
        const unsigned group = call.group_ < here.ready.groups() ? call.group_ : 0;
        here.served().start(serve(&call),
                            task_options{.name = "run_on for another core", .group = group},
                            {.hidden = true});
      } catch (...) {  // no memory for a frame
        call.returned_.fail(std::current_exception());
        call.send_back();
      }
    } else {
      call.returned_.capture([&call]() -> decltype(auto) {
        return std::apply(call.callable_, std::move(call.arguments_));
      });
      call.send_back();
    }
  }

  static task<> serve(run_on* call) {
    try {
      auto work = std::apply(call->callable_, std::move(call->arguments_));
      if constexpr (std::is_void_v<value_type>) {
        co_await std::move(work);
      } else {
        call->returned_.set(co_await std::move(work));
      }
    } catch (...) {
      call->returned_.fail(std::current_exception());
    }
    call->send_back();
  }

  void send_back() noexcept {
    deliver = &run_on::answered;
    core::current().send(*home_, *this);
  }

  // Back on the core that asked.
  static void answered(message& self) noexcept {
    auto& call = static_cast<run_on&>(self);
    call.home_->ready.push(call.waiter_);
  }

  unsigned target_;
  unsigned group_ = 0;  // that of the caller
  core* home_ = nullptr;
  detail::ready_node waiter_;
  F callable_;
  std::tuple<Args...> arguments_;
  std::conditional_t<std::is_void_v<value_type> || std::is_trivially_destructible_v<value_type>,
                     detail::returned<value_type>, detail::left_behind<value_type>>
      returned_;
};

template <class F, class... Args>
run_on(unsigned, F, Args...) -> run_on<F, Args...>;

}  // namespace lull
