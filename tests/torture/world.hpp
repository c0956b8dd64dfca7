// SPDX-License-Identifier: MIT
#pragma once

// What the actors of one round share: cells with the objects, a count of grace periods that
// somebody who is no reader keeps, and the faults found. And what an actor, a thread or a
// coroutine, does to it: find an object, check one that it found before, take one out, retire it.
//
// The count goes on only after a full grace period. So what was unlinked at count n may be read at
// n + 1, by who found it before, when a grace period was on its way already; at n + 2 a whole one
// has passed, and only a hold may still read it.

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <deque>

#include "../random.hpp"
#include "object.hpp"

namespace torture {

using test::random_numbers;

// What protects an object that was found before.
enum class kept { by_the_iteration, by_a_pin, by_a_hold };

struct counts {
  std::uint64_t reads = 0;
  std::uint64_t oldest = 0;       // grace periods since the unlinking, of what was read
  std::uint64_t oldest_held = 0;  // the same of what was held
  std::uint64_t retired = 0;
  std::uint64_t released = 0;
  std::uint64_t pins = 0;
  std::uint64_t holds = 0;
  std::uint64_t joins = 0;
  std::uint64_t waits = 0;    // synchronize, barrier, tickets
  std::uint64_t refused = 0;  // admissions
  std::uint64_t graces = 0;   // grace periods that the round counted

  void add(const counts& more) noexcept;
};

class world {
 public:
  explicit world(std::size_t hard_budget) noexcept : hard(hard_budget) {}

  bool running() const noexcept { return !stop.load(std::memory_order_relaxed); }
  // A fault: counted, and the first ones printed. Any thread.
  [[gnu::format(printf, 2, 3)]] void fault(const char* sentence, ...) noexcept;

  // After a full grace period.
  void count_grace() noexcept { graces.fetch_add(1, std::memory_order_seq_cst); }

  const std::size_t hard;  // budget in bytes, and every writer asks; 0: none
  std::array<std::atomic<object*>, 24> cells{};
  std::atomic<std::uint64_t> graces{0};
  std::atomic<std::uint64_t> faults{0};
  std::atomic<bool> stop{false};
};

// An object that was found, and what it was then.
struct sight {
  const object* what = nullptr;
  std::uint64_t serial = 0;
  explicit operator bool() const noexcept { return what != nullptr; }
};

// One thread or coroutine. It outlives the objects that it retires.
class actor {
 public:
  actor(world& where, const char* called, unsigned n, std::uint64_t seed) noexcept
      : on(where), role(called), number(n), random(seed, n) {}

  // The present object of some cell; good until the next quiescent state.
  sight find() noexcept;
  // Reads what was found before and is protected so; finds the faults.
  void check(const sight& seen, kept how) noexcept;
  // Puts a new object into some cell and returns the one that was there, unlinked; may be null.
  object* replace();
  // Takes out what is in this cell.
  object* take(std::size_t cell) noexcept;
  // Retires it with the thread's participant.
  void retire(object& one);
  // So long without a quiescent state, awake or asleep.
  void stall(unsigned milliseconds) noexcept;
  // The counts of its own, when it is done.
  counts total() const noexcept;

  world& on;
  const char* const role;
  const unsigned number;
  random_numbers random;
  counts seen;
  account mine;
  std::atomic<const char*> doing{"start"};  // for the report of a round that does not end

 private:
  object* unlinked(object* one) const noexcept;
};

using cast = std::deque<actor>;

}  // namespace torture
