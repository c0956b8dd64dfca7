// SPDX-License-Identifier: MIT
#pragma once

// A round in which plain threads play, each with a participant of its own.

#include <chrono>
#include <cstdint>

#include "world.hpp"

namespace torture {

struct round_options {
  std::uint64_t seed;
  std::chrono::milliseconds length;
  unsigned threads;         // of a round of threads
  std::size_t hard_budget;  // 0: none
};

// Both return what happened, and the number of faults.
struct round_result {
  counts all;
  std::uint64_t faults;
};
round_result play_threads(const round_options& options);
// cores.cpp: the same by coroutines on the cores of lull::run, more of them than processors.
round_result play_cores(const round_options& options);

}  // namespace torture
