// SPDX-License-Identifier: MIT
#include "life.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <lull/reclaim/retire.hpp>

namespace torture {
namespace {

constexpr std::size_t most_walks = 3;
constexpr std::size_t most_held = 24;
constexpr std::size_t most_pending = 8;
constexpr std::uint64_t crowd = 10000;
constexpr unsigned iterations_per_look = 16;

}  // namespace

life::life(actor& who, const role& what, lull::domain& where) : me_(who), as_(what), here_(where) {
  ++me_.seen.joins;
}

// Leaves without pins and holds, with limbo, online or not.
life::~life() {
  me_.doing = "leave";
  look_again();
  walks_.clear();
  held_.clear();
  settle(true);
  if (me_.random.one_in(3)) static_cast<void>(here_.offline());
}

void life::iterate() {
  read();
  write();
  begin_something();
  look_again();
  end_something();
  settle(false);
  found_.clear();
  me_.doing = "be quiescent";
  if (me_.random.one_in(as_.wait) && walks_.empty()) {
    wait();
  } else if (me_.random.one_in(as_.sleep)) {
    sleep();
  } else {
    be_quiescent();
  }
}

void life::read() {
  me_.doing = "read";
  for (unsigned i = me_.random.below(as_.reads + 1); i > 0; --i) {
    const sight seen = me_.find();
    if (!seen) continue;
    found_.push_back(seen);
    if (!walks_.empty()) {
      walks_[me_.random.below(static_cast<unsigned>(walks_.size()))].seen.push_back(seen);
    }
  }
}

// With a budget every writer asks, before it unlinks.
bool life::may_retire() {
  if (me_.on.hard == 0) return true;
  if (here_.try_admit(most_bytes)) return true;
  ++me_.seen.refused;
  return false;
}

void life::write() {
  me_.doing = "write";
  unsigned writes = me_.random.below(as_.writes + 1);
  if (writes > 1 && me_.random.one_in(16)) here_.reserve(writes);
  for (; writes > 0 && !crowded_ && may_retire(); --writes) {
    if (object* old = me_.replace()) me_.retire(*old);
  }
}

void life::begin_something() {
  me_.doing = "begin";
  if (walks_.size() < most_walks && me_.random.one_in(as_.pin)) {
    ++me_.seen.pins;
    walks_.push_back({lull::pin(here_), {}, 1 + me_.random.below(12)});
    if (const sight seen = me_.find()) walks_.back().seen.push_back(seen);
  }
  if (held_.size() < most_held && me_.random.one_in(as_.hold)) {
    const sight seen = me_.find();
    if (!seen || seen.what->how == form::deferred) return;
    ++me_.seen.holds;
    held_.push_back({lull::hold<const object>(lull::ref<const object>(seen.what)), seen,
                     1 + me_.random.below(200)});
    if (me_.random.one_in(4) && held_.size() < most_held) {  // a copy, which may live longer
      held_.push_back({held_.back().hold, seen, 1 + me_.random.below(200)});
    }
  }
}

// Everything that must still be there, after a while.
void life::look_again() {
  me_.doing = "look again";
  if (me_.random.one_in(as_.stall)) me_.stall(1 + me_.random.below(5));
  if (me_.random.one_in(256)) std::this_thread::yield();
  for (const sight& seen : found_) me_.check(seen, kept::by_the_iteration);
  for (const walk& one : walks_) {
    for (const sight& seen : one.seen) me_.check(seen, kept::by_a_pin);
  }
  for (const keeping& one : held_) {
    if (one.hold.get() != one.seen.what) me_.on.fault("a hold names another object");
    me_.check(one.seen, kept::by_a_hold);
  }
}

// A pin that has gone protects to the end of the iteration.
void life::end_something() {
  me_.doing = "end";
  for (std::size_t i = 0; i < walks_.size();) {
    if (--walks_[i].left != 0) {
      ++i;
      continue;
    }
    walks_[i].pin.drop();
    for (const sight& seen : walks_[i].seen) me_.check(seen, kept::by_a_pin);
    if (i + 1 != walks_.size()) walks_[i] = std::move(walks_.back());
    walks_.pop_back();
  }
  for (std::size_t i = 0; i < held_.size();) {
    if (--held_[i].left != 0) {
      ++i;
      continue;
    }
    if (i + 1 != held_.size()) held_[i] = std::move(held_.back());
    held_.pop_back();
  }
}

// Retires what a grace period has been waited for; at the end all of it, asking nobody.
void life::settle(bool at_the_end) {
  me_.doing = "settle";
  while (!pending_.empty()) {
    const waiting oldest = pending_.front();
    const bool over = here_.elapsed(oldest.since);
    if (!at_the_end && (!over || !may_retire())) return;
    if (over) oldest.unlinked->expired.store(true, std::memory_order_relaxed);
    me_.retire(*oldest.unlinked);
    pending_.erase(pending_.begin());
  }
}

void life::be_quiescent() {
  if (me_.random.one_in(16)) {
    static_cast<void>(here_.drive());
  } else {
    here_.quiescent();
  }
  // More threads than processors: whoever has much in limbo lets the others run.
  if (++iterations_ % iterations_per_look != 0) return;
  crowded_ = here_.statistics().limbo_objects > crowd;
  if (crowded_ || here_.should_yield()) std::this_thread::yield();
}

// With holds, and with pins, when it stays online all the same.
void life::sleep() {
  me_.doing = "sleep";
  static_cast<void>(here_.drive());
  if (!here_.offline()) return;
  std::this_thread::sleep_for(std::chrono::microseconds(me_.random.below(2000)));
  if (!here_.is_online()) here_.online();
}

// Whoever waits for a barrier holds nothing: two who hold what the other waits for would wait for
// ever.
void life::wait() {
  ++me_.seen.waits;
  switch (me_.random.below(3)) {
    case 0: {
      if (pending_.size() >= most_pending) return here_.quiescent();
      me_.doing = "synchronize";
      object* old = me_.replace();
      here_.synchronize();
      if (old == nullptr) return;
      old->expired.store(true, std::memory_order_relaxed);
      pending_.push_back({old, lull::grace_ticket(0)});
      return;
    }
    case 1:
      if (!held_.empty() || as_.stay != 0) return here_.quiescent();
      me_.doing = "barrier";
      here_.barrier();
      if (me_.mine.released.load(std::memory_order_relaxed) != me_.mine.retired) {
        me_.on.fault("%s %u retired %llu and after its barrier %llu of them are released", me_.role,
                     me_.number, static_cast<unsigned long long>(me_.mine.retired),
                     static_cast<unsigned long long>(me_.mine.released.load()));
      }
      return;
    default:
      if (pending_.size() < most_pending) {
        if (object* old = me_.replace()) pending_.push_back({old, here_.ticket()});
      }
      return here_.quiescent();
  }
}

}  // namespace torture
