// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include "paperwork.hpp"
#include "seeds.hpp"

namespace {

std::vector<std::uint64_t> counts_of(const simulation::outcome<simulation::paperwork>& one) {
  return simulation::with_difficulties(
      {one.done.written,    one.done.read,          one.done.read_at_end,
       one.done.synced,     one.done.sync_failed,   one.done.closed,
       one.done.given_up,   one.done.interrupted,   one.done.not_yet,
       one.done.no_room,    one.done.no_descriptor, one.done.in_part,
       one.done.replaced,   one.done.not_replaced,  one.done.replaced_unsafely,
       one.done.read_whole, one.done.copied,        one.done.not_copied,
       one.done.durable,    one.done.reserved,      one.done.advised,
       one.done.registered, one.done.unregistered,  one.done.names_made,
       one.done.names_kept, one.done.refused,       one.done.seen,
       one.done.drafted,    one.done.not_drafted,   one.done.named,
       one.done.not_named,  one.made.cut_short},
      one.made);
}

}  // namespace

TEST_CASE("simulated files hold what was written to them, and documents are replaced whole") {
  simulation::check_seeds([](std::uint64_t seed) {
    return counts_of(simulation::simulate<simulation::paperwork>(seed));
  });
}

TEST_CASE("a seed of simulated files has one trace") {
  simulation::check_that_a_seed_has_one_trace(simulation::simulate<simulation::paperwork>);
}
