// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "errands.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::errands>& one) {
  return simulation::with_difficulties(
      {one.done.ended, one.done.given_up, one.done.killed, one.done.not_there, one.done.dropped,
       one.done.taken, one.done.lost, one.done.added, one.done.added_outside, one.done.read,
       one.done.one_read, one.done.closed, one.done.refused, one.done.signals,
       one.made.refused_waits},
      one.made);
}

}  // namespace

TEST_CASE("simulated waits for children, events and signals tell all that happened, once") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::errands>(seed));
  });
}

TEST_CASE("a seed of simulated children, events and signals has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::errands>);
}
