// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "paperwork.hpp"
#include "seeds.hpp"

namespace {

struct filed {
  std::vector<simulation::event> trace;
  decltype(simulation::paperwork::done) done;
  decltype(simulation::simulated_kernel::made) made;
};

filed simulate_files(std::uint64_t seed) {
  return simulation::run_seed<simulation::paperwork, filed>(
      seed, [](const simulation::paperwork& all, filed& result) { result.done = all.done; });
}

std::vector<std::uint64_t> counts_of(const filed& one) {
  return simulation::with_difficulties(
      {one.done.written, one.done.read, one.done.read_at_end, one.done.synced, one.done.sync_failed,
       one.done.closed, one.done.given_up, one.done.interrupted, one.done.not_yet, one.done.no_room,
       one.done.no_descriptor, one.done.in_part, one.done.replaced, one.done.not_replaced,
       one.done.replaced_unsafely, one.done.read_whole, one.done.copied, one.done.not_copied,
       one.made.cut_short},
      one.made);
}

}  // namespace

TEST_CASE("simulated files hold what was written to them, and documents are replaced whole") {
  simulation::check_seeds([](std::uint64_t seed) { return counts_of(simulate_files(seed)); });
}

TEST_CASE("a seed of simulated files has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulate_files);
}
