// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "borrowers.hpp"
#include "seeds.hpp"

namespace {

struct borrowed {
  std::vector<simulation::event> trace;
  decltype(simulation::borrowers::done) done;
  decltype(simulation::simulated_kernel::made) made;
};

borrowed simulate_borrowers(std::uint64_t seed) {
  return simulation::run_seed<simulation::borrowers, borrowed>(
      seed, [](const simulation::borrowers& all, borrowed& result) { result.done = all.done; });
}

std::vector<std::uint64_t> counts_of(const borrowed& one) {
  return simulation::with_difficulties(
      {one.done.answered, one.done.given_up, one.done.failed, one.done.refused, one.done.reused,
       one.done.ended, one.done.expired, one.done.discarded, one.done.closed_meanwhile},
      one.made);
}

}  // namespace

TEST_CASE("simulated pools lend a connection to one at a time, and leave none open") {
  simulation::check_seeds([](std::uint64_t seed) { return counts_of(simulate_borrowers(seed)); });
}

TEST_CASE("a seed of simulated pools has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulate_borrowers);
}
