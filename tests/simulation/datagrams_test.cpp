// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "mail.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::mail>& one) {
  return simulation::with_difficulties(
      {one.done.sent, one.done.received, one.done.copied, one.done.truncated, one.done.empty,
       one.done.given_up, one.made.operations_interrupted, one.done.refused, one.done.no_room,
       one.done.closed, one.made.truncated, one.made.no_buffer, one.made.ended_early},
      one.made);
}

}  // namespace

TEST_CASE("simulated datagrams come whole or say what is missing, once, and lull loses none") {
  simulation::check_seeds(
      [](std::uint64_t seed) { return counts_of(simulation::simulate<simulation::mail>(seed)); });
}

TEST_CASE("a seed of simulated datagrams has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::mail>);
}
