// SPDX-License-Identifier: MIT
#pragma once

// Something that is done once, on first need, by whichever task of this core comes first; the
// others wait until it is done. Core-affine: used on one core. When it is done, running it costs a
// load and suspends nobody; before, one frame from the core's pool. An exception goes to the one
// who ran it, and the next in order tries.

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "mutex.hpp"
#include "task.hpp"

namespace lull {

class once {
 public:
  once() noexcept = default;
  once(const once&) = delete;
  once& operator=(const once&) = delete;
  ~once() {
    LULL_ASSERT(mutex_.try_lock(),
                "a once was destroyed while tasks run it or wait for it; join their scope first");
  }

  template <class F>
  class [[nodiscard]] run_awaiter {
   public:
    run_awaiter(once& what, F&& f) noexcept(std::is_nothrow_move_constructible_v<F>)
        : once_(what), f_(std::move(f)) {}
    bool await_ready() const noexcept { return once_.done_; }
    std::coroutine_handle<> await_suspend(detail::suspended awaiting) {
      attempt_.emplace(once_.attempt(f_));
      running_.emplace(std::move(*attempt_).operator co_await());
      return running_->await_suspend(awaiting);
    }
    [[nodiscard]] bool await_resume() { return !running_ || running_->await_resume(); }

   private:
    once& once_;
    F f_;
    std::optional<task<bool>> attempt_;
    std::optional<task<bool>::awaiter> running_;
  };

  // co_await: true, it has been done, by f() here or by another before; throws what f() throws.
  // False if a stop was asked for while another was at it. `f` returns nothing, or a task<> that is
  // awaited.
  template <class F>
  run_awaiter<F> run(F f) noexcept(std::is_nothrow_move_constructible_v<F>) {
    return run_awaiter<F>(*this, std::move(f));
  }
  bool is_done() const noexcept { return done_; }

 private:
  template <class F>
  task<bool> attempt(F& f) {
    auto alone = co_await mutex_.lock();
    if (!alone || done_) co_return done_;
    if constexpr (detail::is_task<std::invoke_result_t<F&>>) {
      auto work = f();
      co_await std::move(work);
    } else {
      f();
    }
    done_ = true;
    co_return true;
  }

  mutex mutex_;
  bool done_ = false;
};

}  // namespace lull
