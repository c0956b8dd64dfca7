// SPDX-License-Identifier: MIT
#pragma once

// What a thread that is no core wants done on one: a block on the heap, posted to the core, which
// runs it as a task. See runtime::post and runtime::submit. Not for users.

#include <exception>
#include <future>
#include <type_traits>
#include <utility>

#include "inbox.hpp"
#include "scope.hpp"
#include "task.hpp"

namespace lull::detail {

class posted : public message {
 public:
  posted() noexcept : message(&posted::arrived) {}
  posted(const posted&) = delete;
  posted& operator=(const posted&) = delete;
  virtual ~posted() = default;

  // On the core.
  virtual task<> run() = 0;
  // On the core: there is no memory to run it.
  virtual void fail(std::exception_ptr why) noexcept = 0;

 private:
  static void arrived(message& self) noexcept;
  static task<> serve(posted* call);
};

// To the runtime of this core.
void report(std::exception_ptr why) noexcept;

// What a callable gives in the end, be it a task.
template <class F>
using posted_result = typename awaited<std::invoke_result_t<F&>>::type;

// Nobody hears of its end; an exception ends the runtime.
template <class F>
class posted_call final : public posted {
 public:
  explicit posted_call(F callable) : callable_(std::move(callable)) {}

  task<> run() override {
    if constexpr (is_task<std::invoke_result_t<F&>>) {
      auto work = callable_();
      co_await std::move(work);
    } else {
      callable_();
      co_return;
    }
  }
  void fail(std::exception_ptr why) noexcept override { report(std::move(why)); }

 private:
  F callable_;
};

template <class F>
class submitted_call final : public posted {
 public:
  explicit submitted_call(F callable) : callable_(std::move(callable)) {}

  std::future<posted_result<F>> result() { return promise_.get_future(); }
  task<> run() override {
    std::exception_ptr error;
    try {
      if constexpr (is_task<std::invoke_result_t<F&>>) {
        auto work = callable_();
        if constexpr (std::is_void_v<posted_result<F>>) {
          co_await std::move(work);
          promise_.set_value();
        } else {
          promise_.set_value(co_await std::move(work));
        }
      } else if constexpr (std::is_void_v<posted_result<F>>) {
        callable_();
        promise_.set_value();
      } else {
        promise_.set_value(callable_());
      }
    } catch (...) {
      error = std::current_exception();
    }
    if (error) promise_.set_exception(std::move(error));
    co_return;
  }
  void fail(std::exception_ptr why) noexcept override { promise_.set_exception(std::move(why)); }

 private:
  F callable_;
  std::promise<posted_result<F>> promise_;
};

}  // namespace lull::detail
