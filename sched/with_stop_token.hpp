// SPDX-License-Identifier: MIT
#pragma once

// Awaiting something that a std::stop_token may stop, from any thread: for code of the outside that
// hands out tokens. The request crosses to the core as a message, which lives in the awaiter; the
// await ends only when no callback runs any more and every message has been delivered, so nothing
// is left behind that could dangle. Costs a registration with the token (a short lock of its own),
// a frame unless a task is awaited, and nothing while nobody asks. Within a core, and for a whole
// program, scopes and timeouts do better.

#include <coroutine>
#include <optional>
#include <stop_token>
#include <utility>

#include "branch.hpp"
#include "core_context.hpp"
#include "inbox.hpp"
#include "ready_queue.hpp"
#include "stop.hpp"

namespace lull {

class core;

namespace detail {

// A stop request below the caller's that a token makes.
//
// | variable   | written by                    | read by                                     |
// |------------|-------------------------------|---------------------------------------------|
// | posted_    | the callback, on any thread   | the core, once the callback has been        |
// |            |                               | destroyed: its destructor waits for its end |
// | all others | the core                      | the core                                    |
class token_stop : public stop_below, public end_hook, private message {
 public:
  explicit token_stop(std::stop_token token) noexcept
      : end_hook(&token_stop::has_ended), message(&token_stop::arrived), token_(std::move(token)) {}

  void begin(suspended awaiting) noexcept;

 private:
  // Called on the thread that asks, or at once on the core.
  class callback {
   public:
    explicit callback(token_stop& self) noexcept : self_(self) {}
    void operator()() const noexcept { self_.post(); }

   private:
    token_stop& self_;
  };

  void post() noexcept;
  static void arrived(message& self) noexcept;
  static std::coroutine_handle<> has_ended(end_hook& self) noexcept;

  std::stop_token token_;
  std::optional<std::stop_callback<callback>> callback_;
  core* home_ = nullptr;
  ready_node waiter_;
  bool posted_ = false;
  bool delivered_ = false;
  bool ended_ = false;
};

template <class T>
class [[nodiscard]] token_await {
 public:
  token_await(std::stop_token token, task<T> work) noexcept
      : work_(std::move(work)), stop_(std::move(token)) {}

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(suspended awaiting) noexcept {
    stop_.begin(awaiting);
    return work_.start(awaiting, &stop_, &stop_);
  }
  T await_resume() { return work_.take(); }

 private:
  branch<T> work_;
  token_stop stop_;
};

}  // namespace detail

// co_await: what `awaitable` gives or throws, stopped or not. It is asked to stop when a stop of
// `token` is requested, or had been before, and when one is asked of the caller.
template <detail::awaitable Awaitable>
auto with_stop_token(std::stop_token token, Awaitable&& awaitable) {
  return detail::awaited_once<detail::token_await<detail::branch_result<Awaitable>>>(
      std::move(token), detail::as_task(std::forward<Awaitable>(awaitable)));
}

}  // namespace lull
