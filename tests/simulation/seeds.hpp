// SPDX-License-Identifier: MIT
#pragma once

// Which seeds the simulations run: those of the environment, or 1,000; and how they run one.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/frame_pool.hpp>  // says whether AddressSanitizer is there

#include "schedule.hpp"
#include "simulated_kernel.hpp"

namespace simulation {

// Changing stacks is slow below AddressSanitizer.
#ifdef LULL_ADDRESS_SANITIZER
constexpr std::uint64_t seeds_by_default = 200;
#else
constexpr std::uint64_t seeds_by_default = 1000;
#endif

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return otherwise;
  std::uint64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0) {
    FAIL(variable << " is '" << text << "'; it takes a whole number from 1 on");
  }
  return number;
}

// One run of a workload under a seed: `take(it)` reads what it has done, and Result keeps what the
// schedule and the kernel have of it.
template <class Workload, class Result, class Take>
Result run_seed(std::uint64_t seed, Take take) {
  schedule by(seed);
  simulated_kernel kernel(by);
  Result result;
  {
    Workload all(by, kernel);
    all.play();
    all.end_cores();
    take(all, result);
  }
  result.trace = by.trace();
  result.made = kernel.made;
  return result;
}

// What is left of a run of a program.
template <class Program>
struct outcome {
  std::vector<event> trace;
  decltype(Program::done) done;
  decltype(simulated_kernel::made) made;
};

template <class Program>
outcome<Program> simulate(std::uint64_t seed) {
  return run_seed<Program, outcome<Program>>(
      seed, [](const Program& all, outcome<Program>& result) { result.done = all.done; });
}

template <class Simulate>
void check_that_a_seed_has_one_trace(Simulate run) {
  for (const std::uint64_t seed : {3U, 14U, 159U}) {
    const auto one = run(seed);
    const std::vector<char> between(12345);  // addresses differ the second time
    const auto other = run(seed);
    CHECK(one.trace.size() > 40);
    CHECK(one.trace == other.trace);
    CHECK(one.trace != run(seed + 1).trace);
  }
}

inline std::uint64_t first_seed() { return number_from("LULL_FIRST_SEED", 1); }
inline std::uint64_t seed_count() { return number_from("LULL_SEEDS", seeds_by_default); }

// What every program meets in a kernel of any kind.
template <class Made>
std::vector<std::uint64_t> with_difficulties(std::vector<std::uint64_t> counts, const Made& made) {
  counts.insert(counts.end(), {made.interrupted, made.refused, made.in_part, made.overflown,
                               made.late_cancels, made.raced, made.missed_by_cancels});
  return counts;
}

// Runs them all: `counts_of(seed)` runs one and says how often it met what, in an order of its own.
// All of the usual number of seeds meet everything.
template <class CountsOf>
void check_seeds(CountsOf counts_of) {
  const std::uint64_t first = first_seed();
  const std::uint64_t seeds = seed_count();
  std::vector<std::uint64_t> counts;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    INFO("seed " << seed);
    const std::vector<std::uint64_t> more = counts_of(seed);
    counts.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) counts[i] += more[i];
  }
  if (seeds < seeds_by_default) return;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    INFO("number " << i + 1);
    CHECK(counts[i] > 0);
  }
}

}  // namespace simulation
