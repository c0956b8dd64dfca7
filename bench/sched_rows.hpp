// SPDX-License-Identifier: MIT
#pragma once
// The groups of rows of the scheduling benchmark; each prints its rows as JSON.

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

// What suspended tasks take of the heap. Before anything else has run.
void print_memory_rows();

// The loop of a scheduler that a row of them measures; null when there is none.
loop loop_of(const scheduler& one, const std::string& name);

}  // namespace lull::bench
