// SPDX-License-Identifier: MIT
#include <lull/sched/run_queue.hpp>

#include <array>
#include <optional>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

constexpr unsigned requests = 0;
constexpr unsigned background = 1;

lull::core_options with_groups(std::vector<lull::task_group> groups) {
  lull::core_options options = test::driven_cores::small_options();
  options.groups = std::move(groups);
  return options;
}

// A core whose tasks take time by setting its clock.
struct sharing {
  test::driven_cores cores;
  std::optional<lull::scope> tasks;
  std::array<lull::nanoseconds, 8> had{};
  bool going = true;

  explicit sharing(std::vector<lull::task_group> groups)
      : cores(1, with_groups(std::move(groups))) {
    const lull::core::inside here(*cores.cores[0]);
    tasks.emplace();
  }
  ~sharing() {
    going = false;
    cores.turn_until([&] { return tasks->size() == 0; });
    const lull::core::inside here(*cores.cores[0]);
    tasks.reset();
  }

  lull::task<> take_time(unsigned group, lull::nanoseconds each) {
    while (going) {
      cores.clock.advance(each);
      had[group] += each;
      co_await lull::yield();
    }
  }
  void spawn(unsigned group, lull::nanoseconds each) {
    const lull::core::inside here(*cores.cores[0]);
    tasks->spawn(lull::task_options{.group = group}, &sharing::take_time, this, group, each);
  }
  double ratio(unsigned a, unsigned b) const {
    return static_cast<double>(had[a].count()) / static_cast<double>(had[b].count());
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) cores.turn();
  }
};

}  // namespace

TEST_CASE("groups that contend have time by their shares, however many tasks and however long") {
  sharing on({{"requests", 1000}, {"background", 100}});
  SECTION("one task each, of the same length") {
    on.spawn(requests, 10us);
    on.spawn(background, 10us);
  }
  SECTION("many short ones against few long ones") {
    for (int i = 0; i < 3; ++i) on.spawn(requests, 2us);
    for (int i = 0; i < 50; ++i) on.spawn(background, 300us);
  }
  SECTION("few long ones against many short ones") {
    on.spawn(requests, 400us);
    for (int i = 0; i < 300; ++i) on.spawn(background, 100ns);
  }
  on.turns(20'000);
  CHECK(on.ratio(requests, background) > 9.5);
  CHECK(on.ratio(requests, background) < 10.5);
  const auto counted = on.cores.cores[0]->statistics().group_time;
  const double by_counts = static_cast<double>(counted[requests].count()) /
                           static_cast<double>(counted[background].count());
  CHECK(by_counts > 9.5);
  CHECK(by_counts < 10.5);
}

TEST_CASE("a group that was idle is not owed the past") {
  sharing on({{"requests", 100}, {"background", 100}});
  on.spawn(background, 10us);
  on.turns(5'000);
  on.spawn(requests, 10us);
  const lull::nanoseconds before = on.had[background];
  on.turns(2'000);
  const double share = static_cast<double>((on.had[background] - before).count()) /
                       static_cast<double>(on.had[requests].count());
  CHECK(share > 0.95);
  CHECK(share < 1.05);
}

TEST_CASE("one group alone has all the time, and three have theirs") {
  sharing on({{"a", 1}, {"b", 2}, {"c", 4}});
  on.spawn(1, 20us);
  on.turns(100);
  CHECK(on.had[1] > 0ns);
  CHECK(on.had[0] == 0ns);
  on.spawn(0, 20us);
  on.spawn(2, 20us);
  on.had = {};
  on.turns(20'000);
  CHECK(on.ratio(2, 0) > 3.8);
  CHECK(on.ratio(2, 0) < 4.2);
  CHECK(on.ratio(1, 0) > 1.9);
  CHECK(on.ratio(1, 0) < 2.1);
}

TEST_CASE("what a task spawns is in its group, unless it says otherwise") {
  sharing on({{"requests", 100}, {"background", 100}});
  const lull::core::inside here(*on.cores.cores[0]);
  std::vector<unsigned> groups;
  const auto note = [&]() -> lull::task<> {
    const auto* const running =
        static_cast<const lull::detail::task_record*>(lull::participant::current()->running);
    groups.push_back(running->group());
    co_return;
  };
  on.tasks->spawn(lull::task_options{.group = background}, [&]() -> lull::task<> {
    on.tasks->spawn(note);
    on.tasks->spawn(lull::task_options{.group = requests}, note);
    co_return;
  });
  on.tasks->spawn(note);
  on.turns(3);
  CHECK(groups.size() == 3);
  CHECK(std::count(groups.begin(), groups.end(), background) == 1);
}

TEST_CASE("yield_if_needed suspends nobody while none waits and the iteration has time left") {
  test::driven_cores cores(2);
  std::vector<int> order;
  cores.run_on_core(0, [&]() -> lull::task<> {
    CHECK_FALSE(lull::should_yield());
    lull::scope other;
    other.spawn([&]() -> lull::task<> {
      order.push_back(1);
      co_return;
    });
    co_await lull::yield_if_needed();
    order.push_back(0);
    co_await other.join();
  });
  CHECK(order == std::vector<int>{0, 1});
}
