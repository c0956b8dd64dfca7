// SPDX-License-Identifier: MIT

// What tests/torture found, as schedules that are driven by hand.

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "on_a_budget.hpp"
#include "two_houses.hpp"

namespace {

// One who releases, and one who holds so much that a walk over the holds takes several steps.
struct walker_and_holder {
  walker_and_holder() : holder(std::in_place, domain), walker(std::in_place, domain) {
    const test::playing as(*holder);
    for (int i = 0; i < 600; ++i) holds.emplace_back(lull::ref<int>{&held});
    walker->retire(new test::tracked(gone));
  }
  // Of each, one after the other.
  void pass(int quiescent_states) {
    for (int i = 0; i < quiescent_states; ++i) {
      walker->quiescent(test::at_most(1000));
      holder->quiescent(test::at_most(1000));
    }
  }

  lull::domain domain;
  std::optional<lull::participant> holder;
  std::optional<lull::participant> walker;
  std::vector<lull::hold<int>> holds;
  int held = 0;
  bool gone = false;
};

}  // namespace

TEST_CASE("leaving never ended when the walk over the holds was not over, and nothing was held") {
  int steps = 0;
  {
    walker_and_holder first;
    for (; !first.gone; ++steps) first.pass(1);
    const test::playing as(*first.holder);
    first.holds.clear();
  }
  walker_and_holder second;
  second.pass(steps - 1);
  REQUIRE_FALSE(second.gone);
  static_cast<void>(second.walker->offline());
  {
    const test::playing as(*second.holder);
    second.holds.clear();
    const lull::grace_ticket since = second.holder->ticket();
    while (!second.holder->elapsed(since)) second.holder->quiescent();
  }
  second.holder.reset();
  second.walker->online();
  second.walker.reset();
  CHECK(second.gone);
}

// A bound that means everything was widened by the pressure of the budget, past what a size_t can
// say: to nothing, when so much was waiting.
constexpr std::size_t lost = 2 * lull::limits::release_share;

TEST_CASE("what had come home was lost when the home left while the soft budget was exceeded") {
  test::two_houses both(test::bounded(1, std::size_t{1} << 40));
  both.retire_some(lost);
  test::send(both);
  const std::size_t before = both.log.size();
  both.leave_home();
  CHECK(before < lost);
  CHECK(both.log.size() == lost);
  test::pass_grace_period(both.writer);
  CHECK(both.domain.statistics().charged_bytes == 0);
}

TEST_CASE("leaving released nothing at once while the soft budget was exceeded") {
  lull::domain domain(test::bounded(1, std::size_t{1} << 40));
  {
    lull::participant alone(domain);
    for (std::size_t i = 0; i < lost; ++i) alone.retire(new int);
  }
  const lull::domain_statistics end = domain.statistics();
  CHECK(end.released == lost);
  CHECK(end.orphans == 0);
}
