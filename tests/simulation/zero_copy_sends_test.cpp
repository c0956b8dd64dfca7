// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "large_sends.hpp"
#include "seeds.hpp"

namespace {

struct sent_large {
  std::vector<simulation::event> trace;
  decltype(simulation::large_sends::done) done;
  decltype(simulation::simulated_kernel::made) made;
};

sent_large simulate_large_sends(std::uint64_t seed) {
  return simulation::run_seed<simulation::large_sends, sent_large>(
      seed, [](const simulation::large_sends& all, sent_large& result) { result.done = all.done; });
}

std::vector<std::uint64_t> counts_of(const sent_large& one) {
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
  simulation::check_seeds([](std::uint64_t seed) { return counts_of(simulate_large_sends(seed)); });
}

TEST_CASE("a seed of simulated sends without copying has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulate_large_sends);
}
