// SPDX-License-Identifier: MIT
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "echo_service.hpp"
#include "seeds.hpp"

namespace {

struct served {
  std::vector<simulation::event> trace;
  decltype(simulation::echo_service::done) service;
  decltype(simulation::simulated_peers::done) peers;
  decltype(simulation::simulated_kernel::made) made;
};

served simulate_sockets(std::uint64_t seed) {
  return simulation::run_seed<simulation::echo_service, served>(
      seed, [](const simulation::echo_service& all, served& result) {
        result.service = all.done;
        result.peers = all.peers.done;
      });
}

// How often what was met, in an order of its own.
std::vector<std::uint64_t> counts_of(const served& one) {
  return {
      one.service.accepted, one.service.given_up, one.service.failed,    one.service.left_early,
      one.service.stopped,  one.service.starved,  one.service.spares,    one.service.accept_pauses,
      one.peers.connected,  one.peers.answered,   one.peers.ended,       one.peers.resets,
      one.peers.refused,    one.made.ended_early, one.made.no_buffer,    one.made.no_descriptor,
      one.made.cut_short,   one.made.raced,       one.made.late_cancels, one.made.overflown,
      one.made.refused,     one.service.paused};
}

}  // namespace

TEST_CASE("simulated peers get what they sent under every difficulty, and nothing stays open") {
  simulation::check_seeds([](std::uint64_t seed) { return counts_of(simulate_sockets(seed)); });
}

TEST_CASE("a seed of simulated sockets has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulate_sockets);
}
