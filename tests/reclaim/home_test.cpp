// SPDX-License-Identifier: MIT

// Objects that are released where they were made. All participants in one thread.

#include <lull/reclaim/home.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "two_houses.hpp"

using test::at_home;
using test::back_to_pool;
using test::made_by;
using test::pooled;
using test::releases;
using test::two_houses;

TEST_CASE_METHOD(two_houses, "what was made at home and retired elsewhere is released at home") {
  retire_some(100);
  CHECK(writer.statistics().limbo_objects == 0);  // counted at the next quiescent state
  test::pass_grace_period(writer, *home);
  test::pass_grace_period(writer, *home);
  CHECK(log.size() == 100);
  CHECK(released_by(*home) == 100);
  CHECK(writer.statistics().retired == 100);
  CHECK(writer.statistics().sent_home == 100);
  CHECK(writer.statistics().released == 0);
  CHECK(writer.statistics().limbo_bytes == 0);
  CHECK(home->statistics().came_home == 100);
  CHECK(home->statistics().released == 100);
  CHECK(home->statistics().limbo_objects == 0);
  CHECK(home->statistics().limbo_bytes == 0);
  CHECK(domain.statistics().retired == domain.statistics().released);
}

TEST_CASE_METHOD(two_houses,
                 "what came home is in the home's limbo, and released within its bound") {
  retire_some(50);
  test::send(*this);
  CHECK(log.empty());
  CHECK(writer.statistics().limbo_objects == 0);
  CHECK(home->statistics().limbo_objects == 50);
  CHECK(home->statistics().limbo_bytes == 50 * sizeof(at_home));
  CHECK(home->has_limbo());
  CHECK(home->has_due());
  std::size_t before = 0;
  while (log.size() < 50) {
    home->quiescent(test::at_most(3));
    REQUIRE(log.size() > before);
    REQUIRE(log.size() <= before + 3 + 50 / lull::limits::release_share + 1);
    before = log.size();
  }
  home->quiescent();
  CHECK_FALSE(home->has_due());
}

TEST_CASE_METHOD(two_houses, "a unique pointer with a deleter of its own was released elsewhere") {
  const test::playing as_home(*home);
  pooled one;
  writer.retire(std::unique_ptr<pooled, back_to_pool>(&one));
  test::pass_grace_period(writer, *home);
  test::pass_grace_period(writer, *home);
  CHECK(one.released_by == &*home);
}

TEST_CASE_METHOD(two_houses, "what had been sent home and was used again was not at home there") {
  const test::playing as_home(*home);
  std::optional<lull::participant> sender(std::in_place, domain);
  sender.reset();
  sender.emplace(domain);  // not the first in its slot, as the home is
  pooled one;
  for (int round = 0; round < 3; ++round) {
    one.released_by = nullptr;
    sender->retire(&one);
    for (int i = 0; i < 2; ++i) test::pass_grace_period(writer, *sender, *home);
    CHECK(one.released_by == &*home);
  }
}

TEST_CASE_METHOD(two_houses, "what was made and retired at home never leaves it") {
  for (int i = 0; i < 10; ++i) home->retire(made_by(*home, log));
  test::pass_grace_period(*home, writer);
  CHECK(released_by(*home) == 10);
  CHECK(home->statistics().sent_home == 0);
  CHECK(home->statistics().came_home == 0);
}

TEST_CASE_METHOD(two_houses,
                 "what was made on a thread without participant is released where retired") {
  lull::participant* const before = lull::participant::set_current(nullptr);
  auto* homeless = new at_home(log);
  lull::participant::set_current(before);
  writer.retire(homeless);
  test::pass_grace_period(writer, *home);
  CHECK(released_by(writer) == 1);
  CHECK(writer.statistics().sent_home == 0);
}

TEST_CASE_METHOD(two_houses, "a copy is at home where it was copied") {
  std::unique_ptr<at_home> original(made_by(*home, log));
  {
    const test::playing as_writer(writer);
    writer.retire(new at_home(*original));
  }
  test::pass_grace_period(writer, *home);
  CHECK(released_by(writer) == 1);
  const test::playing as_nobody(writer);
  original.reset();
}

TEST_CASE_METHOD(two_houses, "a home that is offline releases them when it comes online") {
  CHECK(home->offline());
  retire_some(20);
  test::pass_grace_period(writer);
  CHECK(log.empty());
  CHECK_FALSE(writer.has_limbo());
  home->online();
  CHECK(home->has_limbo());
  CHECK(home->drive());
  CHECK(released_by(*home) == 20);
}

TEST_CASE_METHOD(two_houses,
                 "a home that is about to sleep finds what has come, and stays online") {
  retire_some(5);
  while (writer.statistics().sent_home == 0) {
    home->quiescent();
    writer.quiescent(test::at_most(1'000'000));
  }
  CHECK_FALSE(home->has_limbo());
  CHECK_FALSE(home->offline());
  CHECK(home->is_online());
  CHECK(home->drive());
  CHECK(released_by(*home) == 5);
}

TEST_CASE_METHOD(two_houses, "a home that only passes quiescent states is told by the epoch") {
  retire_some(1);
  for (int i = 0; i < 10; ++i) {
    writer.quiescent();
    home->quiescent();
  }
  CHECK(released_by(*home) == 1);
}

TEST_CASE_METHOD(two_houses, "objects of several homes are sorted on the way") {
  lull::participant other(domain);
  for (int i = 0; i < 30; ++i) {
    writer.retire(made_by(i % 3 == 0 ? *home : i % 3 == 1 ? other : writer, log));
  }
  test::pass_grace_period(writer, *home, other);
  test::pass_grace_period(writer, *home, other);
  CHECK(released_by(*home) == 10);
  CHECK(released_by(other) == 10);
  CHECK(released_by(writer) == 10);
}

TEST_CASE_METHOD(two_houses, "several writers send home at once") {
  lull::participant second(domain);
  for (int i = 0; i < 10; ++i) {
    writer.retire(made_by(*home, log));
    second.retire(made_by(*home, log));
  }
  test::pass_grace_period(writer, second, *home);
  test::pass_grace_period(writer, second, *home);
  CHECK(released_by(*home) == 20);
  CHECK(writer.statistics().sent_home == 10);
  CHECK(second.statistics().sent_home == 10);
}

TEST_CASE_METHOD(two_houses, "a homed object that is held goes home once it is dropped") {
  at_home* const object = made_by(*home, log);
  std::optional<lull::hold<at_home>> keep;
  {
    const test::playing as_writer(writer);
    keep.emplace(lull::ref<at_home>(object));
  }
  writer.retire(object);
  test::pass_grace_period(writer, *home);
  test::pass_grace_period(writer, *home);
  CHECK(log.empty());
  CHECK(writer.statistics().held_objects == 1);
  CHECK(writer.statistics().sent_home == 0);
  {
    const test::playing as_writer(writer);
    keep.reset();
  }
  test::pass_grace_period(writer, *home);
  test::pass_grace_period(writer, *home);
  CHECK(released_by(*home) == 1);
  CHECK(writer.statistics().held_objects == 0);
}

TEST_CASE("a home that is offline is woken by its label when something has come") {
  releases log;
  std::vector<std::uint32_t> woken;
  lull::domain_options options;
  options.wake = [](void* list, std::uint32_t label) noexcept {
    static_cast<std::vector<std::uint32_t>*>(list)->push_back(label);
  };
  options.wake_context = &woken;
  lull::domain domain(options);
  lull::participant home(domain);
  lull::participant writer(domain);
  home.set_label(7);
  writer.retire(made_by(home, log));
  test::pass_grace_period(writer, home);
  CHECK(woken.empty());  // it is online, and comes by
  CHECK(log.size() == 1);
  CHECK(home.offline());
  const test::playing as_writer(writer);
  for (int i = 0; i < 20; ++i) {
    auto* late = made_by(home, log);
    writer.retire(late);
  }
  writer.quiescent(test::at_most(1'000'000));
  test::pass_grace_period(writer);
  CHECK(woken == std::vector<std::uint32_t>{7});  // once for all of them
  home.online();
  CHECK(home.drive());
  CHECK(log.size() == 21);
}
