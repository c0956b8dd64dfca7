// SPDX-License-Identifier: MIT
#pragma once

// What every coroutine of ours carries, whatever it returns: who continues when it ends, the stop
// request it heeds, the task it belongs to, and where it is, for whoever lists tasks or reports a
// stall. A task is what was spawned, with all that it awaits: its record is in the frame of the
// first. Core-local; nothing here is atomic.

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <source_location>
#include <type_traits>

#include "stop.hpp"

namespace lull::detail {

struct task_record;

// Hears that a coroutine has ended, in place of the one that awaits it, and says who goes on.
struct end_hook {
  using function = std::coroutine_handle<> (*)(end_hook&) noexcept;

  explicit end_hook(function f) noexcept : ended(f) {}

  function ended;
};

class coroutine_state {
 public:
  stop_state* stop() const noexcept { return stop_; }
  task_record* record() const noexcept { return task_; }
  // The coroutine that it awaits, of several one that has not ended; null while it runs or awaits
  // something else.
  coroutine_state* awaited() const noexcept {
    return waits_for_ < literal ? reinterpret_cast<coroutine_state*>(waits_for_) : nullptr;
  }
  // The co_await that it was last suspended in; before the first, its function.
  const std::source_location& at() const noexcept { return at_; }
  // What it awaits there, a literal; null where that said nothing.
  const char* awaits() const noexcept {
    return waits_for_ < literal ? nullptr : reinterpret_cast<const char*>(waits_for_ - literal);
  }

  // Called by whoever starts it, or goes on with it after it has handed over (a generator).
  void start(std::coroutine_handle<> continuation, coroutine_state* awaiting) noexcept {
    goes_on_ = reinterpret_cast<std::uintptr_t>(continuation.address());
    awaiting_ = awaiting;
    stop_ = awaiting == nullptr ? nullptr : awaiting->stop_;
    task_ = awaiting == nullptr ? nullptr : awaiting->task_;
    std::atomic_signal_fence(std::memory_order_release);  // a stall probe may follow the pointer
    if (awaiting != nullptr) awaiting->waits_for_ = reinterpret_cast<std::uintptr_t>(this);
  }
  // Below a stop_state of its own instead of that of whoever awaits it; null: nobody asks it to
  // stop. With a hook, that one is told of its end.
  void start(std::coroutine_handle<> continuation, coroutine_state* awaiting, stop_state* below,
             end_hook* hears = nullptr) noexcept {
    start(continuation, awaiting);
    stop_ = below;
    if (hears != nullptr) goes_on_ = reinterpret_cast<std::uintptr_t>(hears) + hook;
  }
  // Nobody awaits it: it is what was spawned.
  void start(task_record& task, stop_state* stop) noexcept {
    goes_on_ = spawned;
    task_ = &task;
    stop_ = stop;
  }
  // It was to begin at its turn, and is not resumed any more: as if it had never been started.
  void does_not_begin() noexcept {
    is_shown_no_more();
    goes_on_ = 0;
  }
  // It is about to await something.
  void suspend_at(const std::source_location& where) noexcept {
    at_ = where;
    waits_for_ = 0;
  }
  void awaits(const char* what) noexcept {
    waits_for_ = reinterpret_cast<std::uintptr_t>(what) + literal;
  }
  // Of several that it awaits, the one to show.
  void awaits(coroutine_state& shown) noexcept {
    waits_for_ = reinterpret_cast<std::uintptr_t>(&shown);
  }
  bool started() const noexcept { return goes_on_ != 0; }
  bool was_spawned() const noexcept { return goes_on_ == spawned; }
  // It has ended, or hands over: who goes on. Not for what was spawned.
  std::coroutine_handle<> end() noexcept {
    if ((goes_on_ & hook) == 0) {
      if (awaiting_ != nullptr) awaiting_->waits_for_ = 0;
      std::atomic_signal_fence(std::memory_order_release);  // before the frame may go
      return std::coroutine_handle<>::from_address(reinterpret_cast<void*>(goes_on_));
    }
    is_shown_no_more();
    auto& hears = *reinterpret_cast<end_hook*>(goes_on_ - hook);
    return hears.ended(hears);
  }

 protected:
  coroutine_state() noexcept = default;
  ~coroutine_state() = default;

  void is_at(const std::source_location& where) noexcept { at_ = where; }

 private:
  // By whoever awaits it, perhaps with others.
  void is_shown_no_more() noexcept {
    if (awaiting_ != nullptr && awaiting_->awaited() == this) awaiting_->waits_for_ = 0;
    std::atomic_signal_fence(std::memory_order_release);  // before the frame may go
  }

  // Two words are one of two pointers each, to keep frames small.
  static constexpr std::uintptr_t hook = 1;
  static constexpr std::uintptr_t spawned = 2;
  static constexpr std::uintptr_t literal = std::uintptr_t{1} << 63;

  std::uintptr_t goes_on_ = 0;  // a coroutine, an end_hook and `hook`, or `spawned`
  stop_state* stop_ = nullptr;
  task_record* task_ = nullptr;
  coroutine_state* awaiting_ = nullptr;
  std::uintptr_t waits_for_ = 0;  // a coroutine_state, or a text and `literal`
  std::source_location at_{};
};

// A coroutine that awaits something, as await_suspend is told; made at its co_await, which it
// notes. `state` is null where it is not one of ours.
struct suspended {
  suspended() noexcept = default;
  template <class Promise>
  suspended(std::coroutine_handle<Promise> who,  // NOLINT: implicit, for await_suspend
            const std::source_location& at = std::source_location::current()) noexcept
      : coroutine(who) {
    if constexpr (std::is_base_of_v<coroutine_state, Promise>) {
      state = &who.promise();
      state->suspend_at(at);
    }
  }
  // The stop request that it heeds, if any.
  stop_state* stop() const noexcept { return state == nullptr ? nullptr : state->stop(); }
  bool stop_requested() const noexcept { return stop() != nullptr && stop()->requested(); }

  std::coroutine_handle<> coroutine;
  coroutine_state* state = nullptr;
};

}  // namespace lull::detail
