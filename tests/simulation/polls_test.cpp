// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "libraries.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::libraries>& one) {
  return simulation::with_difficulties(
      {one.done.read, one.done.written, one.done.ended, one.done.given_up, one.done.refused,
       one.done.released, one.done.stopped, one.done.hung_up, one.done.told_again, one.done.ready},
      one.made);
}

}  // namespace

TEST_CASE("simulated polls say what is so, and let go before a library closes") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::libraries>(seed));
  });
}

TEST_CASE("a seed of simulated polls has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::libraries>);
}
