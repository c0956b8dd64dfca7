// SPDX-License-Identifier: MIT
#pragma once

// Owner of running tasks: what is spawned into a scope is awaited by joining it. Core-affine: made,
// used and joined on one core. Spawning costs a frame, and a cache line beside it, from the pool
// and a push to the run queue; a callable that has captures, or takes references, a second frame
// that keeps it and the arguments. A scope that still has running tasks must not be destroyed: that
// stops the program.
//
// `scope all(cancel_on_error);` asks its tasks to stop when one ends with an exception.

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core_context.hpp"
#include "stop.hpp"
#include "task.hpp"
#include "task_record.hpp"

namespace lull {

class scope;

struct task_options {
  // What it is called in lists and reports: a literal, or something else that outlives it.
  const char* name = nullptr;
  // Its group, by its place in core_options::groups; none: that of the task that spawns it, or 0.
  std::optional<unsigned> group = {};
};

// Says of a scope that the first error cancels the rest.
struct cancel_on_error_t {};
inline constexpr cancel_on_error_t cancel_on_error{};

namespace detail {

// How a task is started by who has made the coroutine.
struct start_as {
  bool hidden = false;    // lists of tasks begin with what it awaits
  bool shielded = false;  // no stop asked of the scope reaches it: it works for others, and ends
};

// Whether a coroutine's own frame keeps all that a call gives it: every parameter is a value, and
// of the very type that was handed to spawn, so nothing in it refers to what the caller drops.
template <class Given, class Parameter>
inline constexpr bool keeps =
    std::is_same_v<Given, Parameter> || (std::is_scalar_v<Given> && std::is_scalar_v<Parameter>);

template <class Result, class... Parameters>
struct signature {
  template <class... Given>
  static constexpr bool keeps_all() {
    if constexpr (sizeof...(Given) != sizeof...(Parameters))
      return false;
    else
      return (keeps<Given, Parameters> && ...);
  }
};

// The signature of a callable that has no state a coroutine could refer to: a function, a lambda
// without captures, or a member function, which is given a pointer to its object.
template <class F>
struct stateless {};
template <class R, class... P>
struct stateless<R (*)(P...)> : signature<R, P...> {};
template <class R, class... P>
struct stateless<R (*)(P...) noexcept> : signature<R, P...> {};
template <class R, class C, class... P>
struct stateless<R (C::*)(P...)> : signature<R, C*, P...> {};
template <class R, class C, class... P>
struct stateless<R (C::*)(P...) const> : signature<R, const C*, P...> {};
template <class Member>
struct call_operator {};
template <class R, class F, class... P>
struct call_operator<R (F::*)(P...) const> : signature<R, P...> {};
template <class R, class F, class... P>
struct call_operator<R (F::*)(P...) const noexcept> : signature<R, P...> {};
template <class F>
  requires(std::is_empty_v<F> && std::is_default_constructible_v<F> && requires { &F::operator(); })
struct stateless<F> : call_operator<decltype(&F::operator())> {};

// Whether `F(Args...)` gives a task<> whose frame stands for itself.
template <class F, class... Args>
inline constexpr bool stands_alone = false;
template <class F, class... Args>
  requires(std::is_same_v<std::invoke_result_t<F&, Args...>, task<>> &&
           stateless<F>::template keeps_all<Args...>())
inline constexpr bool stands_alone<F, Args...> = true;

// Whether `F(Args...)` gives a task<>. True where there is no such call: that is refused by a
// sentence of its own.
template <class F, class... Args>
inline constexpr bool gives_a_task = true;
template <class F, class... Args>
  requires std::is_invocable_v<F&, Args...>
inline constexpr bool gives_a_task<F, Args...> =
    std::is_same_v<std::invoke_result_t<F&, Args...>, task<>>;

// Keeps the callable in its own frame, so a lambda with captures is safe.
template <class F>
task<> run_spawned(F callable) {
  co_await callable();
}

// And its arguments: in one parameter, since for some gcc 14 crashes with several. Only where there
// are any: of all that a user compiles, tuples take the longest.
template <class F, class... Args>
task<> run_spawned_with(std::tuple<F, Args...> call) {
  auto work =
      std::apply([](F& callable,
                    Args&... arguments) { return std::invoke(callable, std::move(arguments)...); },
                 call);
  co_await std::move(work);
}

// Waits for the last task of a scope, or for a time.
class scope_awaiter : private stop_link, private timer_node {
 public:
  scope_awaiter(scope& waited, nanoseconds limit, bool limited) noexcept;

  bool await_ready() const noexcept;
  void await_suspend(suspended awaiting) noexcept { suspend(awaiting); }

 protected:
  // True: nothing runs any more. Throws the first exception of the scope's tasks.
  bool finish();

 private:
  friend class lull::scope;

  void suspend(suspended awaiting) noexcept;
  void resume() noexcept;
  static void timed_out(timer_node& timer) noexcept;

  scope& scope_;
  nanoseconds limit_;
  bool limited_;
  ready_node waiter_;
};

}  // namespace detail

class scope {
 public:
  scope() noexcept = default;
  explicit scope(cancel_on_error_t) noexcept : cancel_on_error_(true) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope() {
    if (running_ != 0) [[unlikely]]
      left_running();
  }

  // Starts `callable(arguments...)`, which gives a task<>, in the order of spawning, at the next
  // turn of the run queue. Throws std::bad_alloc with nothing changed; without memory for a second
  // frame the task ends with that. With options: a name for lists and reports, a group. A function
  // that is no coroutine itself is called now or then.
  template <class F, class... Args>
  void spawn(F&& callable, Args&&... arguments) {
    spawn(task_options{}, std::forward<F>(callable), std::forward<Args>(arguments)...);
  }
  template <class F, class... Args>
  void spawn(task_options options, F&& callable, Args&&... arguments) {
    static_assert(
        std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>...>,
        "spawn takes a callable and the arguments of its call, kept as values until then: pass the "
        "function and not its call, and std::ref or a pointer where a parameter is a reference");
    static_assert(
        detail::gives_a_task<std::decay_t<F>, std::decay_t<Args>...>,
        "spawn takes a callable that gives a lull::task<>; a result, which may be an error, "
        "would be lost: co_await it in a lambda, and handle it there");
    if constexpr (!std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>...>) {
      return;  // refused above
    } else if constexpr (detail::stands_alone<std::decay_t<F>, std::decay_t<Args>...>) {
      start(
          made_by(std::forward<F>(callable), std::decay_t<Args>(std::forward<Args>(arguments))...),
          options, {});
    } else if constexpr (sizeof...(Args) == 0) {
      start(detail::run_spawned<std::decay_t<F>>(std::forward<F>(callable)), options,
            {.hidden = true});
    } else {
      start(detail::run_spawned_with(std::tuple<std::decay_t<F>, std::decay_t<Args>...>(
                std::forward<F>(callable), std::forward<Args>(arguments)...)),
            options, {.hidden = true});
    }
  }

  // For who has made the coroutine itself, of what outlives it. Throws std::bad_alloc, and then the
  // coroutine is dropped.
  void start(task<> coroutine, task_options options, detail::start_as how);

  // Tasks that have been spawned and have not ended.
  std::size_t size() const noexcept { return running_; }

  // Asks every task to stop: what they await ends with operation_canceled as soon as the kernel has
  // let go of it. Once asked, stays asked.
  void request_stop() noexcept {
    if (running_ != 0) check_home(detail::core_context::current(), "asked to stop");
    stop_.request();
  }
  bool stop_requested() const noexcept { return stop_.requested(); }

  // Tasks spawned so far.
  std::uint64_t started() const noexcept { return started_; }
  // An exception as of a task of this scope.
  void note_error(std::exception_ptr error) noexcept;
  // For the runtime: `call` hears of every exception at once, and join throws none.
  void on_error(void (*call)(void* state, std::exception_ptr) noexcept, void* state) noexcept {
    on_error_ = call;
    on_error_state_ = state;
  }

  class [[nodiscard]] join_awaiter : public detail::scope_awaiter {
   public:
    using scope_awaiter::scope_awaiter;
    void await_resume() { finish(); }
  };
  class [[nodiscard]] timed_join_awaiter : public detail::scope_awaiter {
   public:
    using scope_awaiter::scope_awaiter;
    [[nodiscard]] bool await_resume() { return finish(); }
  };

  // co_await: until every task has ended; throws the first exception that one ended with. What is
  // spawned between that end and the caller's resumption, by others, is not waited for: then size()
  // is not 0, and the next join waits for it, and throws. A stop asked of the caller is passed on
  // to the tasks, which are waited for all the same.
  join_awaiter join() noexcept { return join_awaiter(*this, nanoseconds::zero(), false); }
  // The same for at most `limit`; gives false if tasks are left, which go on running.
  timed_join_awaiter join_for(time_span limit) noexcept {
    return timed_join_awaiter(*this, limit, true);
  }

 private:
  friend class detail::task_promise<void>;
  friend class detail::scope_awaiter;

  // A lambda is called on an instance that outlives the coroutine.
  template <class F, class... Args>
  static task<> made_by(F&& callable, Args&&... arguments) {
    if constexpr (!std::is_class_v<std::decay_t<F>>) {
      return std::invoke(callable, std::forward<Args>(arguments)...);
    } else {
      static const std::decay_t<F> instance{};
      return instance(std::forward<Args>(arguments)...);
    }
  }

  // Stops the program unless what is `done` to it is done on the core where its tasks run.
  void check_home(const detail::core_context* here, const char* done) const noexcept {
    if (here != home_) [[unlikely]]
      elsewhere(here, done);
  }
  [[noreturn, gnu::cold]] void elsewhere(const detail::core_context* here,
                                         const char* done) const noexcept;
  [[noreturn, gnu::cold]] void left_running() const noexcept;
  void ended(std::exception_ptr error) noexcept;

  detail::stop_state stop_;
  detail::core_context* home_ = nullptr;  // where its tasks run
  bool cancel_on_error_ = false;
  std::size_t running_ = 0;
  detail::scope_awaiter* joiner_ = nullptr;
  std::exception_ptr first_error_;
  std::uint64_t started_ = 0;
  void (*on_error_)(void* state, std::exception_ptr) noexcept = nullptr;
  void* on_error_state_ = nullptr;
};

}  // namespace lull
