// SPDX-License-Identifier: MIT

// The atomics of the litmus programs. relacy chooses what a load returns: any store that C++ lets
// it see, full fences included. Happens-before is kept apart from that, for relacy lets a full
// fence synchronise with every earlier one, and an order that is too weak would hide behind the
// next fence: each stored value carries the vector clock that its store released, and only acquire
// loads join it.

#include "relacy_parts.hpp"
#include "world.hpp"

namespace litmus {
namespace {

// A stored value, and what a load of it with acquire learns. Compared by the value alone.
struct cell {
  std::uint64_t bits = 0;
  const clock* released = nullptr;

  friend bool operator==(const cell& a, const cell& b) { return a.bits == b.bits; }
  friend cell operator+(const cell& a, const cell& b) { return {a.bits + b.bits, b.released}; }
  friend std::ostream& operator<<(std::ostream& out, const cell& one) { return out << one.bits; }
};

rl::memory_order translated(std::memory_order o) {
  switch (o) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    case std::memory_order_seq_cst:
      break;
  }
  return rl::mo_seq_cst;
}

using relacy_atomic = rl::atomic<cell>;
static_assert(sizeof(relacy_atomic) + sizeof(void*) <= 144);

// relacy's atomic, and the clock of the newest store, for read-modify-writes to go on from.
struct slot_of_word {
  explicit slot_of_word(std::uint64_t initial) : atomic(cell{initial, nullptr}) {}
  relacy_atomic atomic;
  const clock* newest = nullptr;
};
static_assert(sizeof(slot_of_word) <= 160);

slot_of_word& inside(unsigned char* storage) {
  return *std::launder(reinterpret_cast<slot_of_word*>(storage));
}

// The operation itself must not switch threads: step() has done it.
struct uninterrupted {
  uninterrupted() { rl::ctx().disable_preemption(); }
  ~uninterrupted() { rl::ctx().enable_preemption(); }
};

const rl::debug_info nowhere{"", "", 0};

}  // namespace

word::word(std::uint64_t initial) noexcept {
  step();
  const uninterrupted whole;
  ::new (static_cast<void*>(storage_)) slot_of_word(initial);
}

word::~word() { inside(storage_).~slot_of_word(); }

std::uint64_t word::load(std::memory_order order, const place& at) const noexcept {
  step();
  const uninterrupted whole;
  const cell got = inside(storage_).atomic.load(translated(order), nowhere);
  learn(got.released, order);
  show("load", this, got.bits, at);
  return got.bits;
}

void word::store(std::uint64_t value, std::memory_order order, const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  mine.newest = publish(order, nullptr);
  mine.atomic.store(cell{value, mine.newest}, translated(order), nowhere);
  show("store", this, value, at);
}

std::uint64_t word::exchange(std::uint64_t value, std::memory_order order,
                             const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  learn(mine.newest, order);
  mine.newest = publish(order, mine.newest);
  const cell old = mine.atomic.exchange(cell{value, mine.newest}, translated(order), nowhere);
  show("exchange", this, old.bits, at);
  return old.bits;
}

std::uint64_t word::add(std::uint64_t value, std::memory_order order, const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  learn(mine.newest, order);
  mine.newest = publish(order, mine.newest);
  const cell old = mine.atomic.rmw(rl::rmw_type_t<rl::rmw_type_add>(), cell{value, mine.newest},
                                   translated(order), nowhere);
  show("add", this, old.bits, at);
  return old.bits;
}

bool word::compare_exchange(std::uint64_t& expected, std::uint64_t desired,
                            std::memory_order success, std::memory_order failure, bool weak,
                            const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  if (mine.atomic.debug_value().bits != expected || (weak && w.random(8) == 0)) {
    // A failed exchange is a load of the newest value.
    learn(mine.newest, failure);
    expected = mine.atomic.debug_value().bits;
    // Through relacy too, with a value that cannot match, so that what is visible stays in step.
    // Its rule that failure is not stronger than success is older than C++17: both are `failure`
    // here.
    cell never{~expected, nullptr};
    const rl::memory_order seen = translated(failure);
    mine.atomic.compare_exchange_strong(never, cell{}, seen, nowhere, seen, nowhere);
    show("cas-no", this, expected, at);
    return false;
  }
  learn(mine.newest, success);
  mine.newest = publish(success, mine.newest);
  cell old{expected, nullptr};
  mine.atomic.compare_exchange_strong(old, cell{desired, mine.newest}, translated(success),
                                      nowhere);
  show("cas", this, desired, at);
  return true;
}

void full_fence(const place& at) noexcept {
  step();
  const uninterrupted whole;
  rl::atomic_thread_fence(rl::mo_seq_cst, nowhere);
  show("fence", nullptr, 0, at);
}

}  // namespace litmus
