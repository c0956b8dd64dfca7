// SPDX-License-Identifier: MIT
#pragma once

// What the primitives within one core have in common: a suspended coroutine with the request to
// stop that it heeds, and its place in a primitive's queue. It lives in the awaiter, so waiting
// allocates nothing. Whoever releases hands over what was waited for (a lock, a token, a value)
// before the waiter resumes; from then on a stop does not reach it, so nothing is lost. Resumption
// goes through the run queue of the core on which it waits. Core-local; no atomics.

#include "../base/assert.hpp"
#include "../base/intrusive_list.hpp"
#include "../base/limits.hpp"
#include "core_context.hpp"
#include "coroutine_state.hpp"
#include "ready_queue.hpp"
#include "stop.hpp"

namespace lull::detail {

// An await ends at once. A loop that goes on all the same would be all that runs on its core: of
// many in one turn the last suspends, as yield does, and gives true.
inline bool steps_back(ready_node& node, suspended awaiting, const char* what) noexcept {
  core_context& here = this_context(what);
  if (++here.refusals < limits::refusals) return false;
  here.refusals = 0;
  node.is_for(awaiting, what);
  here.ready.push(node);
  return true;
}

// A coroutine that waits, in whatever queues.
class suspension : protected stop_hook {
 public:
  // What it waited for has come, or never will; it is in no queue any more.
  void resume() noexcept {
    check_home();
    resume_here();
  }
  // The same in a completion or a timer of its core, which nobody else calls.
  void resume_here() noexcept {
    LULL_DEBUG_ASSERT(home_->is_current(), "a task that waits on core %u was made ready elsewhere",
                      home_->index);
    stop_hook::unlink();
    // Of many tasks what they touch is in no cache near by; it is on its way meanwhile.
    if (ready_.state != nullptr) __builtin_prefetch(ready_.state->record());
    home_->ready.push(ready_);
  }

 protected:
  // `on_stop` takes it out of its queues and resumes it.
  explicit suspension(stop_hook::function on_stop) noexcept : stop_hook(on_stop) {}

  // False: a stop was asked for, and it does not wait: await_suspend gives stepped_back() then.
  // `what` says what is awaited. Inline in the functions that begin an await, which have all that
  // it is told in registers.
  [[gnu::always_inline]] bool suspend(suspended awaiting, const char* what) noexcept {
    stop_state* const stop = awaiting.stop();
    if (stop != nullptr && stop->requested()) [[unlikely]]
      return refused(awaiting, what);
    suspend_unasked(awaiting, what);
    return true;
  }
  // The same where the caller has seen that no stop was asked for.
  [[gnu::always_inline]] void suspend_unasked(suspended awaiting, const char* what) noexcept {
    home_ = &this_context(what);
    ready_.is_for(awaiting, what);
    link(awaiting.stop());
  }
  // What is wanted cannot be had, and nothing is waited for. Gives stepped_back().
  bool refuse(suspended awaiting, const char* what) noexcept {
    return steps_back(ready_, awaiting, what);
  }
  // Stops the program on another core than that on which it waits.
  void check_home() const noexcept {
    LULL_ASSERT(home_->is_current(),
                "a task that waits on core %u was released from elsewhere; what it waits for "
                "belongs to that core: go there with run_on",
                home_->index);
  }
  bool stepped_back() const noexcept { return ready_.next != ready_node::in_no_queue(); }
  core_context& home() const noexcept { return *home_; }

 private:
  // Not inline, for few are refused. Gives false.
  [[gnu::noinline]] bool refused(suspended awaiting, const char* what) noexcept {
    refuse(awaiting, what);
    return false;
  }

  core_context* home_ = nullptr;
  ready_node ready_;
};

// A suspension with a place in one queue.
class wait_node : public list_node, public suspension {
 public:
  // Hands over what it waits for; it is in no queue any more.
  void grant() noexcept {
    granted_ = true;
    resume();
  }

 protected:
  explicit wait_node(stop_hook::function on_stop = &wait_node::leave) noexcept
      : suspension(on_stop) {}

  static void leave(stop_hook& hook) noexcept {
    auto& self = static_cast<wait_node&>(hook);
    self.list_node::unlink();
    self.resume();
  }

  bool granted_ = false;
};

// Everybody who waits now, in order.
template <class Node>
void grant_all(intrusive_list<Node>& waiting) noexcept {
  while (!waiting.empty()) waiting.pop_front().grant();
}

}  // namespace lull::detail
