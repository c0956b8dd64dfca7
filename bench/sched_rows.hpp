// SPDX-License-Identifier: MIT
#pragma once
// The groups of rows of the scheduling benchmark; each prints its rows as JSON.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sched_shapes.hpp"

namespace lull::bench {

// Those that are built in, lull first.
std::vector<scheduler> all_schedulers();

// Loops of one thread, in CPU time.
void print_loop_rows(double seconds);

// A hundred thousand sleepers, and how late sleepers come that are few.
void print_timer_rows(double seconds);

// Calls to another core and back, and posts to it. Prints nothing where there is one CPU only.
void print_call_rows(double seconds);

// A busy core with somebody who looks for stalls, and without.
void print_stall_row(double seconds);

// A sleep on a ring by hand, nothing else around it.
void nap_of_ring(std::chrono::nanoseconds time);

// CPU time of so many sleeps one after the other, in ns; those, and by a task of lull.
std::int64_t naps_of_ring(std::size_t count, std::chrono::nanoseconds time);
std::int64_t naps_of_lull(std::size_t count, std::chrono::nanoseconds time);

// A million timers within half a minute, which passes in steps of 50 us: how long each step's look
// at them took, in us.
std::vector<double> looks_at_timers_of_lull();

// What suspended tasks take of the heap. Before anything else has run.
void print_memory_rows();

// Two threads, the calling one and another on that CPU, which sleeps between the turns.
class two_threads {
 public:
  two_threads() = default;
  two_threads(const two_threads&) = delete;
  two_threads& operator=(const two_threads&) = delete;
  virtual ~two_threads() = default;

  // So many calls to the other and back, one after the other: how long each took, in ns.
  virtual std::vector<double> call(std::size_t times) = 0;
};

// One that can also be given something without an answer.
class posting_threads : public two_threads {
 public:
  // Until all have been delivered, in ns.
  virtual double post(std::size_t times) = 0;
};

// Cores that look at memory for so long before they sleep, when that has paid lately.
std::unique_ptr<posting_threads> lull_cores(int other_cpu, std::chrono::nanoseconds poll);
std::unique_ptr<two_threads> threads_with_memory(int other_cpu);
std::unique_ptr<two_threads> threads_with_futex(int other_cpu);
std::unique_ptr<posting_threads> asio_contexts(int other_cpu);  // null: not built in

// The loop of a scheduler that a row of them measures; null when there is none.
loop loop_of(const scheduler& one, const std::string& name);

}  // namespace lull::bench
