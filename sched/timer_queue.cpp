// SPDX-License-Identifier: MIT
#include "timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "../base/assert.hpp"
#include "../base/cache_line.hpp"
#include "../base/limits.hpp"

namespace lull::detail {
namespace {

// A timer lies in the frame of the task that waits for it, and what runs when it expires lies
// around it: 6 % of a fired sleep.
void fetch_around(const timer_node* node) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(node);
  for (std::uintptr_t line = at - cache_line; line <= at + 2 * cache_line; line += cache_line) {
    __builtin_prefetch(reinterpret_cast<const void*>(line));
  }
}

// A few timers, put in order where their times lie side by side.
class sorted_timers {
 public:
  bool full() const noexcept { return count_ == timers_.size(); }
  void add(timer_node& node) noexcept {
    timers_[count_++] = {node.when.time_since_epoch().count(), &node};
  }
  // A heap in which each has one child, the next; null if there are none.
  timer_node* take() noexcept {
    std::sort(timers_.data(), timers_.data() + count_,
              [](const entry& a, const entry& b) { return a.when < b.when; });
    timer_node* later = nullptr;
    while (count_ != 0) {
      timer_node& node = *timers_[--count_].node;
      node.child = later;
      node.next = node.previous = nullptr;
      if (later != nullptr) later->previous = &node;
      later = &node;
    }
    return later;
  }

 private:
  struct entry {
    std::int64_t when;  // a time_point would be set to zero first
    timer_node* node;
  };

  std::array<entry, 64> timers_;
  std::size_t count_ = 0;
};

}  // namespace

// Joins two heaps: the later root becomes the first child of the earlier.
timer_node* timer_queue::meld(timer_node* a, timer_node* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  timer_node* const earlier = b->when < a->when ? b : a;
  timer_node* const later = earlier == a ? b : a;
  later->previous = earlier;
  later->next = earlier->child;
  if (later->next != nullptr) later->next->previous = later;
  earlier->child = later;
  return earlier;
}

// The two passes of a pairing heap: neighbours left to right, then all of them right to left.
timer_node* timer_queue::merge_siblings(timer_node* first) noexcept {
  timer_node* pairs = nullptr;
  while (first != nullptr) {
    timer_node* const second = first->next;
    timer_node* const rest = second == nullptr ? nullptr : second->next;
    first->next = first->previous = nullptr;
    if (second != nullptr) second->next = second->previous = nullptr;
    timer_node* const pair = meld(first, second);
    pair->next = pairs;
    pairs = pair;
    first = rest;
  }
  timer_node* merged = nullptr;
  while (pairs != nullptr) {
    timer_node* const rest = pairs->next;
    pairs->next = pairs->previous = nullptr;
    merged = meld(merged, pairs);
    pairs = rest;
  }
  return merged;
}

// What is before the beginning of the clock belongs to its first tick.
timer_queue::tick timer_queue::tick_of(time_point when) noexcept {
  const auto count = when.time_since_epoch().count();
  return static_cast<tick>(std::max(count, decltype(count){0})) >> tick_bits;
}

std::size_t timer_queue::list_of(const timer_node& node) noexcept {
  // Timers of one kind lie at equal distances: low digits of their addresses may be all the same.
  return (reinterpret_cast<std::uintptr_t>(&node) * 0x9e3779b97f4a7c15U) >> (64 - list_bits);
}

bool timer_queue::begun(time_point when) const noexcept { return tick_of(when) < next_tick_; }

// Ticks and next_tick_ are numbers with a digit a level. The highest digit in which they differ
// says the level, and its value the slot. As next_tick_ grows that stays so, until the digits are
// equal: then begin_next() deals the slot out.
timer_queue::place timer_queue::place_of(tick at) const noexcept {
  const tick differs = (at ^ next_tick_) | 1;
  const auto height = static_cast<unsigned>(std::bit_width(differs) - 1) / slot_bits;
  return {height, static_cast<unsigned>(at >> (height * slot_bits)) % slots};
}

// The first slot that holds something, and the tick that it begins with.
bool timer_queue::find_next(place& found, tick& begin) const noexcept {
  for (unsigned height = 0; height < levels; ++height) {
    const unsigned shift = height * slot_bits;
    const std::uint64_t later = ~std::uint64_t{0} << (next_tick_ >> shift) % slots;
    const std::uint64_t occupied = levels_[height].occupied & later;
    if (occupied == 0) continue;
    found = {height, static_cast<unsigned>(std::countr_zero(occupied))};
    const tick above = next_tick_ >> shift >> slot_bits << slot_bits;
    begin = (above | found.slot) << shift;
    return true;
  }
  return false;
}

time_point timer_queue::earliest() const noexcept {
  if (root_ != nullptr) return root_->when;
  place at{};
  tick begin = 0;
  if (!find_next(at, begin)) return time_point::max();
  const timer_node* alone = nullptr;
  std::size_t found = 0;
  for (const timer_node* first : levels_[at.level].first[at.slot]) {
    if (first == nullptr) continue;
    alone = first;
    found += first->next == nullptr ? 1 : 2;
  }
  if (found == 1) return alone->when;
  return time_point(nanoseconds(static_cast<std::int64_t>(begin << tick_bits)));
}

void timer_queue::insert(timer_node& node) noexcept {
  node.child = node.next = node.previous = nullptr;
  if (begun(node.when)) {
    root_ = meld(root_, &node);
    return;
  }
  const place at = place_of(tick_of(node.when));
  level& in = levels_[at.level];
  timer_node*& first = in.first[at.slot][list_of(node)];
  node.next = first;
  if (first != nullptr) first->previous = &node;
  first = &node;
  in.occupied |= std::uint64_t{1} << at.slot;
}

void timer_queue::arm(timer_node& node, time_point when) noexcept {
  LULL_ASSERT(!node.armed, "a timer was armed twice; cancel it first");
  node.armed = true;
  node.when = std::max(when, present_);
  ++armed_;
  insert(node);
}

void timer_queue::cancel(timer_node& node) noexcept {
  if (!node.armed) return;
  node.armed = false;
  --armed_;
  if (&node == root_) {
    root_ = merge_siblings(node.child);
    return;
  }
  if (node.next != nullptr) node.next->previous = node.previous;
  if (node.previous == nullptr) {
    leave_front(node);
  } else if (begun(node.when)) {
    timer_node& before = *node.previous;
    (before.child == &node ? before.child : before.next) = node.next;
    root_ = meld(root_, merge_siblings(node.child));
  } else {
    node.previous->next = node.next;
  }
}

// It is the first of a list.
void timer_queue::leave_front(timer_node& node) noexcept {
  const std::size_t list = list_of(node);
  for (opened* const one : {&tick_, &coarse_}) {
    if (one->lists[list] != &node) continue;
    one->lists[list] = node.next;
    return;
  }
  const place at = place_of(tick_of(node.when));
  level& in = levels_[at.level];
  slot_lists& all = in.first[at.slot];
  all[list] = node.next;
  if (node.next == nullptr && all == slot_lists{}) {
    in.occupied &= ~(std::uint64_t{1} << at.slot);
  }
}

void timer_queue::open(opened& as, place at) noexcept {
  level& in = levels_[at.level];
  as = {std::exchange(in.first[at.slot], {}), true};
  in.occupied &= ~(std::uint64_t{1} << at.slot);
}

// Opens the next slot, if it begins before `end`; false: all ticks before that have begun. Nothing
// is left of what was opened before. A coarse slot is opened as soon as its first tick is next: see
// place_of().
bool timer_queue::begin_next(tick end) noexcept {
  if (end <= next_tick_) return false;
  place next{};
  tick begin = 0;
  bool found = find_next(next, begin);
  if (found && next.level == 0 && begin < end) {
    open(tick_, next);
    next_tick_ = begin + 1;
    found = find_next(next, begin);
    if (found && next.level != 0 && begin == next_tick_) open(coarse_, next);
    return true;
  }
  if (found && next.level != 0 && begin <= end) {
    open(coarse_, next);
    next_tick_ = begin;
    return true;
  }
  next_tick_ = end;
  return false;
}

// Calls `visit(node)` for some that are left; the node is in no list then.
template <class Visit>
void timer_queue::take(opened& from, std::size_t& left, Visit visit) noexcept {
  std::size_t taken = 0;
  do {
    from.any = false;
    for (timer_node*& next : from.lists) {
      if (next == nullptr) continue;
      from.any = true;
      ++taken;
      timer_node& node = *next;
      next = node.next;
      fetch_around(next);
      visit(node);
    }
  } while (from.any && taken < left);
  left -= std::min(taken, left);
  if (!from.any) return;
  for (timer_node* const first : from.lists) {
    if (first != nullptr) first->previous = nullptr;  // who cancels it looks there
  }
}

// Into the heap, in order, each as the child of the one before. So taking the earliest compares
// only the first of what was melded: of each 64 timers.
void timer_queue::begin_tick(std::size_t& left) noexcept {
  sorted_timers some;
  timer_node* full = nullptr;
  take(tick_, left, [&](timer_node& node) {
    if (some.full()) {
      timer_node* const heap = some.take();
      heap->next = std::exchange(full, heap);
    }
    some.add(node);
  });
  root_ = meld(root_, meld(merge_siblings(full), some.take()));
}

void timer_queue::expire(time_point now) noexcept {
  present_ = now;
  const tick end = tick_of(now) + 1;
  if (armed_ == 0) {
    next_tick_ = std::max(next_tick_, end);
    behind_ = false;
    return;
  }
  std::size_t left = limits::timers_at_a_time;
  do {
    if (tick_.any) begin_tick(left);  // all of it, or nothing is left for what follows
    while (left != 0 && root_ != nullptr && root_->when <= now) {
      timer_node& due = *root_;
      --left;
      cancel(due);
      due.expired(due);
    }
    if (coarse_.any && left != 0) {
      take(coarse_, left, [this](timer_node& node) { insert(node); });
    }
  } while (left != 0 && begin_next(end));
  behind_ = left == 0;
}

}  // namespace lull::detail
