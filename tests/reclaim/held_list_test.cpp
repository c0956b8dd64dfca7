// SPDX-License-Identifier: MIT

// The list of what was found held: held.hpp.

#include <lull/reclaim/held.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "../allocations.hpp"
#include "holds.hpp"

using lull::detail::held_list;

namespace {

// What is retired in each turn is held in so many cells, and dropped in the next: little may be
// kept at a time, and nothing in the end.
void hold_and_drop(std::size_t cells) {
  std::size_t released = 0;
  lull::domain domain;
  lull::participant me(domain);
  constexpr std::size_t each = 4 * lull::limits::recheck_objects;
  std::vector<lull::hold<test::counted>> held;
  std::uint64_t most = 0;
  for (std::size_t turn = 0; turn < 500; ++turn) {
    std::vector<lull::hold<test::counted>> fresh;
    for (std::size_t i = 0; i < each; ++i) {
      auto* const one = new test::counted(released);
      for (std::size_t cell = 0; cell < cells; ++cell) fresh.push_back(test::hold_of(one));
      me.retire(one);
    }
    for (int i = 0; i < 4; ++i) me.quiescent(test::at_most(100'000));
    held = std::move(fresh);
    most = std::max(most, me.statistics().held_objects);
  }
  CHECK(most <= 10 * each);
  held.clear();
  CHECK(test::drive_to_the_end(me));
  CHECK(released == 500 * each);
}

}  // namespace

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

TEST_CASE("what is held in few cells, and soon dropped, was kept faster than it was looked at") {
  hold_and_drop(1);
}

TEST_CASE("what was held in two cells, and soon dropped, was kept faster than it was looked for") {
  hold_and_drop(2);
}

TEST_CASE("of what many left held, the same few were looked at as long as more was left") {
  std::size_t released = 0;
  lull::domain domain;
  lull::participant holder(domain);
  std::vector<lull::hold<test::counted>> held;
  const auto leave = [&](std::size_t count) {
    lull::participant leaver(domain);
    const test::playing as_holder(holder);
    for (; count > 0; --count) {
      auto* const one = new test::counted(released);
      held.push_back(test::hold_of(one));
      leaver.retire(one);
    }
    for (int i = 0; i < 300; ++i) leaver.retire(new int);  // so that it is worth to look for holds
  };
  constexpr std::size_t many = 8 * lull::limits::recheck_objects;
  leave(many);
  while (holder.statistics().held_objects != many) holder.quiescent();
  for (std::size_t i = 0; i < many; i += 2) test::drop_by(holder, held[i]);
  for (std::size_t turn = 0; turn < 100; ++turn) {
    leave(1);
    holder.quiescent(test::at_most(10'000));
  }
  CHECK(released == many / 2);
  const test::playing as_holder(holder);
  held.clear();
  CHECK(test::drive_to_the_end(holder));
}
