// SPDX-License-Identifier: MIT

// The list of what was found held: held.hpp.

#include <lull/reclaim/held.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <set>
#include <vector>

#include "../allocations.hpp"

using lull::detail::held_list;

TEST_CASE("a new list of held objects is empty") {
  held_list held;
  CHECK(held.size() == 0);
  CHECK(held.bytes() == 0);
  CHECK(held.oldest_stamp() == UINT64_MAX);
}

TEST_CASE("held objects stay where they are, and are looked at in turn, until they are removed") {
  held_list held;
  std::vector<lull::detail::held_object*> places;
  for (std::size_t i = 0; i < 100; ++i) {
    REQUIRE(held.make_room());
    places.push_back(&held.add(i, 1000 + i));
  }
  CHECK(held.size() == 100);
  CHECK(held.bytes() == 99 * 100 / 2);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 100; ++i) {
      CHECK(&held.next() == places[i]);
      CHECK(held.oldest_stamp() == 1000);
    }
  }
  const auto first = held.remove(*places[0]);
  CHECK(first.get() == places[0]);
  CHECK(held.size() == 99);
  CHECK(held.bytes() == 99 * 100 / 2);
  CHECK(held.oldest_stamp() == 1001);
  CHECK(&held.next() == places[1]);
  const auto third = held.remove(*places[2]);
  CHECK(&held.next() == places[3]);
  CHECK(held.bytes() == 99 * 100 / 2 - 2);
  std::set<const lull::detail::held_object*> left;
  while (held.size() != 0) left.insert(held.remove(held.next()).release());
  CHECK(left.size() == 98);
  CHECK(held.bytes() == 0);
  CHECK(held.oldest_stamp() == UINT64_MAX);
  for (const auto* one : left) delete one;
}

TEST_CASE("a list takes over what another has, and both go on") {
  held_list one;
  held_list other;
  for (held_list* to : {&one, &other, &other, &other}) {
    REQUIRE(to->make_room());
    to->add(10, 1);
  }
  other.next();  // some are looked at already
  one.take_all(other);
  CHECK(one.size() == 4);
  CHECK(one.bytes() == 40);
  CHECK(other.size() == 0);
  CHECK(other.bytes() == 0);
  std::set<const lull::detail::held_object*> seen;
  for (int i = 0; i < 4; ++i) seen.insert(&one.next());
  CHECK(seen.size() == 4);
  REQUIRE(other.make_room());
  const lull::detail::held_object& again = other.add(5, 2);
  CHECK(&other.next() == &again);
}

TEST_CASE("room that cannot be had is not made, and nothing has changed") {
  test::need_allocations();
  held_list held;
  bool made = false;
  {
    const test::failing_allocations none(0);
    made = held.make_room();
  }
  CHECK_FALSE(made);
  CHECK(held.size() == 0);
  REQUIRE(held.make_room());
  {
    const test::failing_allocations none(0);
    made = held.make_room();  // is there already
  }
  CHECK(made);
  held.add(1, 1);
  CHECK(held.size() == 1);
}
