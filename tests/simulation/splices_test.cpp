// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "plumbing.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::plumbing>& one) {
  return simulation::with_difficulties(
      {one.done.spliced, one.done.ended, one.done.given_up, one.done.closed, one.done.refused,
       one.done.broken, one.done.to_files, one.done.from_files, one.done.to_pipes,
       one.done.sent_files, one.done.sent_in_part, one.done.read, one.done.read_short,
       one.done.written, one.done.not_written, one.made.cut_short, one.made.operations_interrupted},
      one.made);
}

}  // namespace

TEST_CASE("simulated splices, pipes and sent files move all bytes in order, and say how many") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::plumbing>(seed));
  });
}

TEST_CASE("a seed of simulated splices has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::plumbing>);
}
