// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "borrowers.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::borrowers>& one) {
  return simulation::with_difficulties(
      {one.done.answered, one.done.given_up, one.done.failed, one.done.refused, one.done.reused,
       one.done.ended, one.done.expired, one.done.discarded, one.done.closed_meanwhile},
      one.made);
}

}  // namespace

TEST_CASE("simulated pools lend a connection to one at a time, and leave none open") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::borrowers>(seed));
  });
}

TEST_CASE("a seed of simulated pools has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::borrowers>);
}
