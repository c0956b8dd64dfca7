// SPDX-License-Identifier: MIT
#pragma once

// The timers of one core, in order of expiry. The nodes are their owners', so arming cannot fail
// and allocates nothing. A hierarchical timing wheel: time is cut into ticks of 16 us; timers lie
// in unordered slots, those of the present 64 ticks in one slot a tick, later ones in slots of 64,
// 4096 and so on, which are dealt out to finer slots when their time comes near. Ticks that have
// begun are in a pairing heap, so that expiry is in exact order. Arming and cancelling take
// constant time while the tick has not begun; a timer is dealt out once a level at most. However
// many lie in a slot or are due at once, a call of expire() looks at a bounded number; what is left
// is the next call's. Core-local.

#include <array>
#include <cstddef>
#include <cstdint>

#include "../base/clock.hpp"

namespace lull::detail {

struct timer_node {
  using function = void (*)(timer_node&) noexcept;

  explicit timer_node(function f) noexcept : expired(f) {}
  timer_node(const timer_node&) = delete;
  timer_node& operator=(const timer_node&) = delete;

  function expired;  // called with the node already out of the queue; resumes nothing
  time_point when{};
  timer_node* child = nullptr;     // in the heap: first of those that expire later
  timer_node* next = nullptr;      // next sibling, or next in the slot
  timer_node* previous = nullptr;  // previous of those, or the parent of a first child
  bool armed = false;
};

class timer_queue {
 public:
  bool empty() const noexcept { return armed_ == 0; }
  // No timer expires before it: the earliest, or the begin of the slot that the earliest is in. Who
  // sleeps until then, calls expire() and asks again gets there in a few turns. The queue is not
  // empty, and not behind.
  time_point earliest() const noexcept;

  // Timers of one and the same time expire in no promised order. What is armed for the past is due
  // from now on: it does not overtake what was due before.
  void arm(timer_node& node, time_point when) noexcept;
  void cancel(timer_node& node) noexcept;
  // Calls `expired` of the timers due at `now`, earliest first; limits::timers_at_a_time bounds
  // what it does before it stops.
  void expire(time_point now) noexcept;
  // It stopped: call it again before any sleep.
  bool behind() const noexcept { return behind_; }

 private:
  static constexpr unsigned tick_bits = 14;  // of nanoseconds
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots = 1 << slot_bits;
  static constexpr unsigned levels = (63 - tick_bits + slot_bits - 1) / slot_bits;
  using tick = std::uint64_t;

  // A slot is several lists, so that dealing out many timers, which lie in no cache near by, waits
  // for several of them at a time.
  static constexpr unsigned list_bits = 2;
  using slot_lists = std::array<timer_node*, std::size_t{1} << list_bits>;

  struct level {
    std::uint64_t occupied = 0;  // a bit a slot
    std::array<slot_lists, slots> first{};
  };
  struct place {
    unsigned level;
    unsigned slot;
  };
  // What is left of a slot whose time has come.
  struct opened {
    slot_lists lists{};
    bool any = false;
  };

  static timer_node* meld(timer_node* a, timer_node* b) noexcept;
  static timer_node* merge_siblings(timer_node* first) noexcept;
  static tick tick_of(time_point when) noexcept;
  static std::size_t list_of(const timer_node& node) noexcept;

  bool begun(time_point when) const noexcept;
  place place_of(tick at) const noexcept;
  bool find_next(place& found, tick& begin) const noexcept;
  void insert(timer_node& node) noexcept;
  void leave_front(timer_node& node) noexcept;
  bool begin_next(tick end) noexcept;
  void open(opened& as, place at) noexcept;
  template <class Visit>
  static void take(opened& from, std::size_t& left, Visit visit) noexcept;
  void begin_tick(std::size_t& left) noexcept;

  timer_node* root_ = nullptr;  // of the heap: all whose tick is before next_tick_
  tick next_tick_ = 0;          // no slot but the finest holds its tick
  std::size_t armed_ = 0;
  time_point present_{};  // of the last expire()
  opened tick_;           // goes into the heap
  opened coarse_;         // goes into finer slots
  bool behind_ = false;
  std::array<level, levels> levels_{};
};

}  // namespace lull::detail
