// SPDX-License-Identifier: MIT
#include <lull/reclaim/epoch.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

using lull::detail::advance_outcome;
using lull::detail::advance_result;
using lull::detail::epoch_number;
using lull::detail::epoch_state;
using lull::detail::slot;

namespace {

constexpr unsigned all_slots = 1000;

slot& join_online(epoch_state& epochs) {
  slot& mine = epochs.slots().join();
  bool moved = false;
  epochs.come_online(mine, moved);
  return mine;
}

// Moves the epoch on once; everybody must have announced it.
void move(epoch_state& epochs) {
  while (!epochs.advance(epochs.epoch() + 1, all_slots).moved) {}
}

}  // namespace

namespace lull::detail {

// Stops in the middle of a walk, which the interface does not allow.
struct epoch_state_probe {
  static bool lock(epoch_state& epochs) { return epochs.lock_walk(); }
  static bool unlock(epoch_state& epochs) { return epochs.unlock_walk(); }
};

}  // namespace lull::detail

using lull::detail::epoch_state_probe;

TEST_CASE("the first epoch is complete, for nothing was retired in it") {
  const epoch_state epochs;
  CHECK(epochs.epoch() == epoch_state::first_epoch);
  CHECK(epochs.completed() == epoch_state::first_epoch);
}

TEST_CASE("nothing moves while nothing is wanted") {
  epoch_state epochs;
  join_online(epochs);
  CHECK(epochs.advance(0, all_slots).outcome == advance_outcome::reached);
  CHECK(epochs.advance(1, all_slots).outcome == advance_outcome::reached);
  CHECK(epochs.epoch() == 1);
}

TEST_CASE("whoever wants more moves a complete epoch on") {
  epoch_state epochs;
  join_online(epochs);
  const advance_result result = epochs.advance(2, all_slots);
  CHECK(result.outcome == advance_outcome::moved);
  CHECK(result.moved);
  CHECK(epochs.epoch() == 2);
  CHECK(epochs.completed() == 1);
}

TEST_CASE("an epoch is complete once all who are online have announced it") {
  epoch_state epochs;
  slot& first = join_online(epochs);
  slot& second = join_online(epochs);
  move(epochs);
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::blocked);
  epochs.announce(first, 2);
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::blocked);
  CHECK(epochs.completed() == 1);
  epochs.announce(second, 2);
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::reached);
  CHECK(epochs.completed() == 2);
  CHECK(epochs.epoch() == 2);
}

TEST_CASE("who is offline is not waited for") {
  epoch_state epochs;
  slot& first = join_online(epochs);
  slot& second = join_online(epochs);
  move(epochs);
  epochs.announce(first, 2);
  epochs.go_offline(second);
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::reached);
}

TEST_CASE("coming online announces the epoch as it is then") {
  epoch_state epochs;
  slot& sleeper = join_online(epochs);
  epochs.go_offline(sleeper);
  for (int i = 0; i < 5; ++i) move(epochs);
  bool moved = true;
  CHECK(epochs.come_online(sleeper, moved) == 6);
  CHECK_FALSE(moved);
  CHECK(sleeper.announced.load() == 6);
}

TEST_CASE("the epoch is never more than one ahead of who is online") {
  epoch_state epochs;
  slot& reader = join_online(epochs);
  for (int i = 0; i < 20; ++i) epochs.advance(100, all_slots);
  CHECK(epochs.epoch() == reader.announced.load() + 1);
}

TEST_CASE("a tag is the epoch at the close, and going offline hands one out with its fence") {
  epoch_state epochs;
  slot& mine = join_online(epochs);
  CHECK(epochs.close_batch() == 1);
  move(epochs);
  CHECK(epochs.close_batch() == 2);
  epoch_state::announce(mine, 2);
  CHECK(mine.announced.load() == 2);
  CHECK(epochs.go_offline(mine) == 2);
}

TEST_CASE("a walk looks at no more slots than it may and goes on from there") {
  epoch_state epochs;
  std::vector<slot*> slots;
  for (int i = 0; i < 10; ++i) slots.push_back(&join_online(epochs));
  move(epochs);
  for (slot* one : slots) epochs.announce(*one, 2);
  CHECK(epochs.advance(2, 4).outcome == advance_outcome::stepped);
  CHECK(epochs.advance(2, 4).outcome == advance_outcome::stepped);
  CHECK(epochs.completed() == 1);
  CHECK(epochs.advance(2, 4).outcome == advance_outcome::reached);
}

TEST_CASE("slots that were passed for one epoch are looked at again for the next") {
  epoch_state epochs;
  slot& first = join_online(epochs);
  slot& second = join_online(epochs);
  move(epochs);
  epochs.announce(first, 2);
  epochs.announce(second, 2);
  REQUIRE(epochs.advance(3, all_slots).outcome == advance_outcome::moved);
  epochs.announce(second, 3);
  CHECK(epochs.advance(3, all_slots).outcome == advance_outcome::blocked);
  CHECK(epochs.completed() == 2);
}

TEST_CASE("a newcomer that is appended while a walk is under way is looked at") {
  epoch_state epochs;
  slot& first = join_online(epochs);
  slot& second = join_online(epochs);
  move(epochs);
  epochs.announce(first, 2);
  CHECK(epochs.advance(2, 1).outcome == advance_outcome::stepped);
  slot& newcomer = epochs.slots().join();
  newcomer.announced.store(1);  // read the epoch before it moved
  epochs.announce(second, 2);
  CHECK(epochs.advance(2, 1).outcome == advance_outcome::stepped);
  CHECK(epochs.advance(2, 1).outcome == advance_outcome::blocked);
  CHECK(epochs.completed() == 1);
}

TEST_CASE("who finds somebody walking goes away, and leaves no note") {
  epoch_state epochs;
  REQUIRE(epoch_state_probe::lock(epochs));
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::busy);
  CHECK_FALSE(epoch_state_probe::unlock(epochs));
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::moved);
}

TEST_CASE("one who leaves and finds somebody walking leaves a note that the walker reads once") {
  epoch_state epochs;
  REQUIRE(epoch_state_probe::lock(epochs));
  CHECK(epochs.advance_leaving(2, all_slots).outcome == advance_outcome::busy);
  CHECK(epochs.advance(2, all_slots).outcome == advance_outcome::busy);
  CHECK(epoch_state_probe::unlock(epochs));
  REQUIRE(epoch_state_probe::lock(epochs));
  CHECK_FALSE(epoch_state_probe::unlock(epochs));
}

TEST_CASE("one who leaves walks by itself when nobody else does") {
  epoch_state epochs;
  CHECK(epochs.advance_leaving(3, all_slots).outcome == advance_outcome::moved);
  CHECK(epochs.advance_leaving(3, all_slots).outcome == advance_outcome::moved);
  CHECK(epochs.advance_leaving(3, all_slots).outcome == advance_outcome::reached);
  CHECK(epochs.completed() == 3);
}
