// SPDX-License-Identifier: MIT
#pragma once

// A pin keeps everything that is readable now readable, across quiescent states: what this
// iteration has read and what is read while the pin lives may be used until it goes, and all that
// can be reached from there. A pin that is taken in a later iteration does not prolong an earlier
// one: what was read under that goes with it, so pass the pin itself on, by moving it. It holds up
// the whole domain, for all participants: nothing retired since is released anywhere. So it is for
// short walks; for one object use a hold. One that stays long is reported, with the place that took
// it (stall.hpp).
//
// For the participant's thread; a coroutine that takes one stays on its core. Takes two core-local
// counts, a list node and a read of the clock (25 ns); no atomics but relaxed stores. When the last
// one goes nothing is announced at once, for what was read through it may be in use until this
// iteration ends; the next quiescent state sees to that. A core with pins does not go offline, and
// whoever pins must not wait for a grace period.

#include <source_location>

#include "../base/intrusive_list.hpp"
#include "participant.hpp"

namespace lull {

class [[nodiscard]] pin : private detail::list_node {
 public:
  // Of the calling thread's participant, which is online.
  explicit pin(std::source_location taken_at = std::source_location::current());
  explicit pin(participant& owner, std::source_location taken_at = std::source_location::current());

  // The pin goes over; the other one is empty.
  pin(pin&& other) noexcept;
  pin& operator=(pin&& other) noexcept;
  ~pin() { drop(); }

  // Ends it early; an empty pin is left.
  void drop() noexcept;
  bool is_empty() const noexcept { return owner_ == nullptr; }

 private:
  friend class participant;
  friend class detail::intrusive_list<pin>;

  void take(participant& owner) noexcept;
  void take_over(pin& other) noexcept;
  static void show_oldest(participant& owner) noexcept;

  participant* owner_ = nullptr;
  detail::epoch_number seen_ = 0;  // when it was taken: tells which count it is in
  std::source_location taken_at_;
  time_point taken_{};
  const void* taken_by_ = nullptr;  // participant::running
};

}  // namespace lull
