// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "calls.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::calls>& one) {
  return simulation::with_difficulties(
      {one.done.answered, one.done.refused, one.done.timed_out, one.done.given_up,
       one.made.operations_interrupted, one.done.by_name, one.done.in_spite_of_stop,
       one.done.no_descriptor, one.done.unused},
      one.made);
}

}  // namespace

TEST_CASE("simulated connects are made, refused or stopped at any time, and none stays open") {
  simulation::check_seeds(
      [](std::uint64_t seed) { return counts_of(simulation::simulate<simulation::calls>(seed)); });
}

TEST_CASE("a seed of simulated connects has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::calls>);
}
