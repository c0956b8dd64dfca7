// SPDX-License-Identifier: MIT
#pragma once

// Coroutines that one coroutine starts side by side and waits for, all of them: what when_all and
// when_any have in common. The first takes over from the caller, the others are put into the run
// queue, so that starting takes no stack; the last to end hands back to the caller. The first that
// decides the outcome is noted, the others are asked to stop, and those whose turn has not come
// never begin: their places in the run queue resume nobody, but for the last, which hands back to
// the caller if all have ended by then. Core-local. Not for users.

#include <coroutine>
#include <cstddef>
#include <utility>

#include "branch.hpp"
#include "ready_queue.hpp"
#include "stop.hpp"

namespace lull::detail {

class branch_group;

// One of the coroutines, whatever it gives.
class group_member : public end_hook {
 protected:
  explicit group_member(function f) noexcept : end_hook(f) {}
  std::coroutine_handle<> has_ended(bool failed) noexcept;

 private:
  friend class branch_group;

  bool waits_for_its_turn() const noexcept { return start_.next != ready_node::in_no_queue(); }

  branch_group* group_ = nullptr;
  group_member* before_ = nullptr;
  ready_node start_;
};

class branch_group : public stop_below {
 public:
  enum class decided_by { first_failure, first_end };

  explicit branch_group(decided_by what) noexcept : decided_by_(what) {}

  // Before any of `count` is started.
  void begin(suspended awaiting, std::size_t count) noexcept {
    awaiting_ = awaiting;
    left_ = count;
    stop_below::begin(awaiting.stop());
  }
  // Starts one. The first is for await_suspend to return, by first().
  template <class Member>
  void start(Member& one, suspended awaiting) noexcept {
    one.group_ = this;
    one.before_ = std::exchange(last_, &one);
    coroutine_state* const shown = awaiting.state == nullptr ? nullptr : awaiting.state->awaited();
    const std::coroutine_handle<> coroutine = one.work.start(awaiting, this, &one);
    one.work.make_ready_by(one.start_);
    if (first_ == nullptr) {
      first_ = coroutine;
    } else {
      if (shown != nullptr) awaiting.state->awaits(*shown);
      this_context("when_all").ready.push(one.start_);
    }
  }
  std::coroutine_handle<> first() const noexcept { return first_; }

  // The one that failed first, or ended first; null if none did.
  const group_member* decisive() const noexcept { return decisive_; }

 private:
  friend class group_member;

  std::coroutine_handle<> one_ended(group_member& one, bool failed) noexcept {
    if (decisive_ == nullptr && (failed || decided_by_ == decided_by::first_end)) {
      decisive_ = &one;
      call_off_the_rest();
      request();
    }
    one.group_ = nullptr;
    if (--left_ != 0) {
      if (awaiting_.state != nullptr && awaiting_.state->awaited() == nullptr) show_another();
      return std::noop_coroutine();
    }
    stop_below::end();
    if (!last_->waits_for_its_turn()) return awaiting_.coroutine;
    last_->start_.is_for(awaiting_, name());  // not before nothing of the group is queued any more
    return std::noop_coroutine();
  }

  // They begin in their order, so those that have not are the last.
  void call_off_the_rest() noexcept {
    for (group_member* one = last_; one != nullptr && one->waits_for_its_turn();
         one = one->before_) {
      one->start_.state->does_not_begin();
      one->group_ = nullptr;
      one->start_.coroutine = std::noop_coroutine();
      --left_;
    }
  }

  // Lists show the first; once that has ended, the last that has not.
  void show_another() noexcept {
    if (last_alive_ == nullptr) last_alive_ = last_;
    while (last_alive_->group_ == nullptr) last_alive_ = last_alive_->before_;
    awaiting_.state->awaits(*last_alive_->start_.state);
  }

  const char* name() const noexcept {
    return decided_by_ == decided_by::first_end ? "when_any" : "when_all";
  }

  suspended awaiting_;
  group_member* last_ = nullptr;
  group_member* last_alive_ = nullptr;  // all after it have ended
  std::coroutine_handle<> first_;
  std::size_t left_ = 0;
  const group_member* decisive_ = nullptr;
  decided_by decided_by_;
};

inline std::coroutine_handle<> group_member::has_ended(bool failed) noexcept {
  return group_->one_ended(*this, failed);
}

// One that gives a T. It stays where it is from its start on.
template <class T>
class member_of_group : public group_member {
 public:
  using value_type = T;
  using member_type = as_member_t<T>;

  explicit member_of_group(task<T> what) noexcept
      : group_member(&member_of_group::ended), work(std::move(what)) {}

  branch<T> work;

 private:
  static std::coroutine_handle<> ended(end_hook& self) noexcept {
    auto& me = static_cast<member_of_group&>(self);
    return me.has_ended(me.work.failed());
  }
};

}  // namespace lull::detail
