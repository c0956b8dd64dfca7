// SPDX-License-Identifier: MIT
#pragma once

// co_await offload(f, args...): runs f(args...), which may block, on a thread of the runtime's
// pool, and gives its result, or throws its exception, here, on the same core. Suspends. For tasks
// of lull::run, whose run_options.offload says how many threads there are at most and how long
// their queue is. For what the ring cannot do: file metadata, name resolution, compression, other
// libraries; not a way to be faster, for it costs a lock, a wake-up of a thread, and one block of
// memory for the call.
//
// A stop asked of the caller takes the call out of the queue. What runs already cannot be stopped:
// the caller goes on at once, and the call ends by itself, with all that it owns, so give it by
// value what it needs. In both cases std::system_error of operation_canceled is thrown, which a
// timeout around it knows. The end of the runtime waits for what runs.
//
// `f` and its arguments are destroyed on the core that made them, and so is a result that nobody
// waits for any more. The thread is offline: it reads shared tables within an online_section, and
// may retire there.

#include <exception>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "coroutine_state.hpp"
#include "offload_pool.hpp"
#include "returned.hpp"
#include "stop.hpp"
#include "task.hpp"
#include "wait_node.hpp"

namespace lull {
namespace detail {

// Who awaits a call. Core-local.
class offload_wait : private suspension {
 public:
  // The call is back.
  void returned() noexcept;

 protected:
  offload_wait() noexcept : suspension(&offload_wait::stopped) {}

  // False: it will not be run.
  bool begin(suspended awaiting, std::unique_ptr<offloaded> call) noexcept;
  // Throws when it was stopped.
  void check_returned() const;

 private:
  enum class outcome { pending, returned, withdrawn, left };

  static void stopped(stop_hook& self) noexcept;

  std::unique_ptr<offloaded> call_;
  outcome outcome_ = outcome::pending;
};

template <class T, class F, class... Args>
class offloaded_call final : public offloaded {
 public:
  template <class... From>
  explicit offloaded_call(F callable, From&&... arguments)
      : callable_(std::move(callable)), arguments_(std::forward<From>(arguments)...) {}

  void run() noexcept override {
    returned_.capture(
        [this]() -> decltype(auto) { return std::apply(callable_, std::move(arguments_)); });
  }
  void fail(std::exception_ptr why) noexcept override { returned_.fail(std::move(why)); }
  T take() { return returned_.take(); }

 private:
  F callable_;
  std::tuple<Args...> arguments_;
  detail::returned<T> returned_;
};

}  // namespace detail

template <class F, class... Args>
class [[nodiscard]] offload : private detail::offload_wait {
  using value_type = std::invoke_result_t<F&, Args...>;
  static_assert(!detail::is_task<value_type>,
                "a task runs on a core: offload takes a plain function, which may block");
  static_assert(!std::is_reference_v<value_type>,
                "a reference into what a call owns is good there only; return a value");
  using call_type = detail::offloaded_call<value_type, F, Args...>;
  static_assert(alignof(call_type) <= cache_line, "what is more aligned goes by unique_ptr");

 public:
  // Throws std::bad_alloc.
  explicit offload(F callable, Args... arguments)
      : made_(std::make_unique<call_type>(std::move(callable), std::move(arguments)...)),
        call_(made_.get()) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(detail::suspended awaiting) noexcept {
    return begin(awaiting, std::move(made_));
  }
  value_type await_resume() {
    check_returned();
    return call_->take();
  }

 private:
  std::unique_ptr<call_type> made_;
  call_type* call_;
};

template <class F, class... Args>
offload(F, Args...) -> offload<F, Args...>;

}  // namespace lull
