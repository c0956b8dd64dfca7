// SPDX-License-Identifier: MIT
#pragma once

// The state of one iteration of a litmus program, and what may be done with it: whose turn it is,
// and what happened before what. Used by the engine alone. There is one thread of the system; the
// threads of a program are relacy's fibres in it.
//
// The schedule is chosen here: relacy would pick a thread evenly at each step, but many faults need
// one thread to stand still while others go a long way. Half of the runs are random walks of
// different stickiness, half go by priorities that change at a few random steps.

#include <array>
#include <cstdint>

#include "litmus.hpp"

namespace litmus {

inline constexpr unsigned most_threads = 4;

// A vector clock.
struct clock {
  std::uint32_t of[most_threads] = {};
  void join(const clock& other) {
    for (unsigned i = 0; i < most_threads; ++i) {
      if (of[i] < other.of[i]) of[i] = other.of[i];
    }
  }
};

std::uint64_t mix(std::uint64_t x);

struct world {
  unsigned threads = 0;
  bool running = false;  // between the constructor of the run and after()
  std::uint64_t random_state = 0;
  clock now[most_threads];

  // schedule
  unsigned current = 0;
  bool finished[most_threads] = {};
  unsigned priority[most_threads] = {};
  bool by_priority = false;
  unsigned stickiness = 0;  // of 16
  unsigned steps = 0;
  unsigned longest = 32;  // steps of the longest iteration so far, for where priorities change
  std::array<unsigned, 4> changes{};

  std::array<clock, 8192> arena;
  unsigned arena_used = 0;

  unsigned random(unsigned limit) {
    random_state = mix(random_state);
    return static_cast<unsigned>((random_state >> 20) % limit);
  }
};

extern world w;
extern const program* selected;
extern std::uint64_t next_iteration;
extern bool trace;  // print each step

// Provided by engine.cpp: the index of the running thread, and waiting until it is its turn.
unsigned self();
void wait_for_turn();

[[noreturn]] void fail(const char* what, const place& at);

void begin_iteration(std::uint64_t number);

// All of what the constructor did, in thread `maker`, happens before the threads.
void start_threads(unsigned maker);

// Decides whose turn it is.
void choose();

// Before each atomic operation: the point at which another thread may go on.
void step();

void show(const char* what, const void* address, std::uint64_t value, const place& at);

// Joins what an acquire load of a store with this clock learns; null: nothing was released.
void learn(const clock* released, std::memory_order order);

// The clock that a store publishes. `before` continues the release sequence of a read-modify-write.
const clock* publish(std::memory_order order, const clock* before);

}  // namespace litmus
