// SPDX-License-Identifier: MIT
#pragma once
// How the scheduling rows are taken: all contenders take turns in rounds, in an order that is drawn
// anew for each, and lull's ratio to each of the others is taken inside the round.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lull::bench {

// One that takes part. A turn gives a value for each row of the contest; none at all, if this turn
// does not count.
struct entrant {
  const char* name;
  std::function<std::vector<double>()> turn;
};

struct contest {
  std::vector<const char*> rows;
  const char* unit = "ns";
  double seconds = 1;
  std::size_t rounds = 5;           // at least
  const char* reference = nullptr;  // how the peer's name begins; null: the best one of the run
};

// The first of `all` is lull. One untimed turn of each comes before the rounds. Prints the rows.
void compete(const contest& what, const std::vector<entrant>& all);

// The CPU time of the calling thread, in ns.
std::int64_t thread_time_ns();

// What malloc has given out.
std::size_t heap_bytes();

// Keeps the compiler from removing what a loop does to memory.
inline void keep(const void* address) { asm volatile("" : : "r"(address) : "memory"); }

}  // namespace lull::bench
