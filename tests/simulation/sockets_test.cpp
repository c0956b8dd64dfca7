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
  const std::uint64_t first = simulation::first_seed();
  const std::uint64_t seeds = simulation::seed_count();
  std::vector<std::uint64_t> counts;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    INFO("seed " << seed);
    const std::vector<std::uint64_t> more = counts_of(simulate_sockets(seed));
    counts.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) counts[i] += more[i];
  }
  if (seeds < simulation::seeds_by_default) return;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    INFO("number " << i + 1);
    CHECK(counts[i] > 0);
  }
}

TEST_CASE("a seed of simulated sockets has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulate_sockets);
}
