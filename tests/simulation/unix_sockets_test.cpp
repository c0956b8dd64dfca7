// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "parcels.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::parcels>& one) {
  return simulation::with_difficulties({one.done.connected,
                                        one.done.accepted,
                                        one.done.sent,
                                        one.done.sent_plain,
                                        one.done.received,
                                        one.done.plain,
                                        one.done.viewed,
                                        one.done.passed,
                                        one.done.kept_from,
                                        one.done.given_up,
                                        one.made.operations_interrupted,
                                        one.done.broken,
                                        one.done.letters,
                                        one.done.letters_got,
                                        one.done.cut_off,
                                        one.done.refused,
                                        one.done.no_room,
                                        one.done.closed,
                                        one.done.replaced,
                                        one.made.without_room},
                                       one.made);
}

}  // namespace

TEST_CASE("simulated Unix sockets bring what was sent, and descriptors with it, and lose none") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::parcels>(seed));
  });
}

TEST_CASE("a seed of simulated Unix sockets has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::parcels>);
}
