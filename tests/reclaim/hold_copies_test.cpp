// SPDX-License-Identifier: MIT

// Several holds of one object: copies, which share a cell, and others, which do not.

#include <lull/reclaim/hold.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "holds.hpp"

using lull::hold;
using lull::participant;
using test::hold_of;
using test::tracked;

TEST_CASE_METHOD(test::holder, "copies share a cell, and the last one lets go") {
  hold first = hold_of(object);
  hold second = first;
  std::optional<hold<tracked>> third(second);
  CHECK(me.statistics().holds == 1);
  CHECK(second.get() == object);
  me.retire(object);
  first.drop();
  second.drop();
  CHECK(me.statistics().holds == 1);
  CHECK_FALSE(me.drive());
  CHECK_FALSE(gone);
  third.reset();
  CHECK(me.statistics().holds == 0);
  CHECK(me.drive());
  CHECK(gone);
}

TEST_CASE("what was held in several cells and let go was found one a quiescent state") {
  lull::domain domain;
  participant me(domain);
  constexpr std::size_t count = 6;
  bool gone[count] = {};
  std::vector<hold<tracked>> first;
  std::vector<hold<tracked>> second;
  for (bool& one : gone) {
    auto* const object = new tracked(one);
    first.push_back(hold_of(object));
    second.push_back(hold_of(object));
    me.retire(object);
  }
  while (me.statistics().held_objects != count) me.quiescent(test::at_most(100));
  first.clear();
  second.clear();
  // A round of looks at all of them, and one that is begun in the middle.
  for (std::size_t looks = 0; looks < 2 * count; looks += lull::limits::recheck_objects) {
    me.quiescent(test::at_most(100));
  }
  CHECK(std::count(gone, gone + count, true) == count);
}

TEST_CASE_METHOD(test::holder, "a hold that is moved goes over whole") {
  hold first = hold_of(object);
  hold second = std::move(first);
  CHECK(first.is_empty());  // NOLINT: what a move leaves is part of the contract
  CHECK(first.get() == nullptr);
  CHECK(second.get() == object);
  CHECK(me.statistics().holds == 1);
  me.retire(object);
  CHECK_FALSE(me.drive());
  second.drop();
  CHECK(me.drive());
  CHECK(gone);
}

TEST_CASE_METHOD(test::holder, "an assignment lets go of what was held before") {
  bool other_gone = false;
  auto* const other = new tracked(other_gone);
  hold one = hold_of(object);
  hold two = hold_of(other);
  me.retire(object);
  me.retire(other);
  CHECK_FALSE(me.drive());
  one = two;
  CHECK(one.get() == other);
  CHECK(me.statistics().holds == 1);
  CHECK_FALSE(me.drive());
  CHECK(gone);
  CHECK_FALSE(other_gone);
  hold<tracked>& same = one;
  one = same;  // to itself: nothing is lost
  CHECK(one.get() == other);
  two = std::move(one);
  CHECK(me.statistics().holds == 1);
  two.drop();
  CHECK(me.drive());
  CHECK(other_gone);
}

TEST_CASE_METHOD(test::holder, "several holds of one object: each alone keeps it") {
  hold first = hold_of(object);
  hold second = hold_of(object);
  hold third = hold_of(object);
  CHECK(me.statistics().holds == 3);
  me.retire(object);
  CHECK_FALSE(me.drive());
  CHECK(me.statistics().held_objects == 1);
  SECTION("the first taken goes last") {
    third.drop();
    second.drop();
    CHECK_FALSE(me.drive());
    CHECK_FALSE(gone);
    first.drop();
  }
  SECTION("the last taken goes last") {
    first.drop();
    second.drop();
    CHECK_FALSE(me.drive());
    CHECK_FALSE(gone);
    third.drop();
  }
  CHECK(me.drive());
  CHECK(gone);
}

TEST_CASE_METHOD(test::holder, "holds of two participants: each alone keeps it") {
  participant other(domain);
  std::optional<hold<tracked>> mine(hold_of(object));
  std::optional<hold<tracked>> others;
  {
    const test::playing as_other(other);
    others.emplace(hold_of(object));
  }
  me.retire(object);
  test::pass_grace_period(me, other);
  mine.reset();
  test::pass_grace_period(me, other);
  me.drive();
  CHECK_FALSE(gone);
  {
    const test::playing as_other(other);
    others.reset();
  }
  test::pass_grace_period(me, other);
  CHECK(me.drive());
  CHECK(gone);
}
