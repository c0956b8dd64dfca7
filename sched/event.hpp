// SPDX-License-Identifier: MIT
#pragma once

// Something that has happened, for the tasks of one core that wait for it. An event stays set until
// it is reset, and lets everybody through; an auto_event lets one through and is unset again.
// Core-affine: used on one core. Waiting for one that is set suspends nobody. Neither counts:
// setting it twice is setting it once. Whoever was let through touches the event no more, so it may
// be destroyed at once.

#include <utility>

#include "wait_node.hpp"

namespace lull {

class event {
 public:
  explicit event(bool set = false) noexcept : set_(set) {}
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  ~event() {
    LULL_ASSERT(waiting_.empty(),
                "an event was destroyed while tasks wait for it; set it, or join their scope");
  }

  class [[nodiscard]] wait_awaiter : private detail::wait_node {
   public:
    explicit wait_awaiter(event& on) noexcept : event_(on) {}
    bool await_ready() noexcept { return granted_ = event_.set_; }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "event::wait")) return stepped_back();
      event_.waiting_.push_back(*this);
      return true;
    }
    bool await_resume() const noexcept { return granted_; }

   private:
    event& event_;
  };

  // co_await: true once it is set, also if it is reset before the caller resumes; false if a stop
  // was asked for before.
  wait_awaiter wait() noexcept { return wait_awaiter(*this); }
  // Everybody who waits resumes, in order, in their turn of the run queue.
  void set() noexcept {
    set_ = true;
    grant_all(waiting_);
  }
  void reset() noexcept { set_ = false; }
  bool is_set() const noexcept { return set_; }

 private:
  detail::intrusive_list<detail::wait_node> waiting_;
  bool set_;
};

class auto_event {
 public:
  explicit auto_event(bool set = false) noexcept : set_(set) {}
  auto_event(const auto_event&) = delete;
  auto_event& operator=(const auto_event&) = delete;
  ~auto_event() {
    LULL_ASSERT(waiting_.empty(),
                "an auto_event was destroyed while tasks wait for it; join their scope first");
  }

  class [[nodiscard]] wait_awaiter : private detail::wait_node {
   public:
    explicit wait_awaiter(auto_event& on) noexcept : event_(on) {}
    bool await_ready() noexcept { return granted_ = event_.try_wait(); }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "auto_event::wait")) return stepped_back();
      event_.waiting_.push_back(*this);
      return true;
    }
    bool await_resume() const noexcept { return granted_; }

   private:
    auto_event& event_;
  };

  // co_await: true, for one caller a set(); false if a stop was asked for before, and then the next
  // set() is for another.
  wait_awaiter wait() noexcept { return wait_awaiter(*this); }
  // Whether it was set; it is not any more.
  [[nodiscard]] bool try_wait() noexcept { return std::exchange(set_, false); }
  // Lets the oldest through that waits, in its turn of the run queue; if nobody does, the next who
  // comes.
  void set() noexcept {
    if (waiting_.empty()) {
      set_ = true;
    } else {
      waiting_.pop_front().grant();
    }
  }

 private:
  detail::intrusive_list<detail::wait_node> waiting_;
  bool set_;
};

}  // namespace lull
