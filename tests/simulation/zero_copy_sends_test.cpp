// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "large_sends.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::large_sends>& one) {
  return simulation::with_difficulties(
      {one.done.sent, one.done.copied, one.done.refused, one.done.given_up, one.done.failed,
       one.done.kept_at_close, one.done.held, one.done.read_whole, one.done.resets,
       one.done.never_confirmed, one.done.closed_meanwhile, one.made.notified,
       one.made.refused_zero_copy, one.made.disconnected},
      one.made);
}

}  // namespace

TEST_CASE(
    "simulated sends without copying leave bytes as they are until the kernel has let go of them") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::large_sends>(seed));
  });
}

TEST_CASE("a seed of simulated sends without copying has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::large_sends>);
}
