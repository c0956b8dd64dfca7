// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "seeds.hpp"
#include "sleepers.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::sleepers>& one) {
  return simulation::with_difficulties(
      {one.done.taken, one.done.slept, one.done.changed, one.done.given_up, one.done.stopped,
       one.done.woke, one.done.woke_nobody, one.done.not_known, one.done.taken_outside,
       one.done.for_nothing},
      one.made);
}

}  // namespace

TEST_CASE("a simulated wake that races with a stop is not lost, and wakes say whom they woke") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::sleepers>(seed));
  });
}

TEST_CASE("a seed of simulated futexes has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::sleepers>);
}
