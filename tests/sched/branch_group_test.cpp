// SPDX-License-Identifier: MIT
#include <lull/sched/branch_group.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/channel.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/semaphore.hpp>
#include <lull/sched/tasks.hpp>
#include <lull/sched/when_all.hpp>
#include <lull/sched/when_any.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<> throw_at_once() {
  throw std::runtime_error("decided");
  co_return;
}
lull::task<> begin_and_count(int& begun) {
  ++begun;
  co_return;
}
lull::task<> begin_and_sleep(int& begun) {
  ++begun;
  co_await lull::sleep(1h);
}
lull::task<> begin_and_keep(std::shared_ptr<int> kept) {
  ++*kept;
  co_return;
}
// How many of a semaphore's tokens it got.
lull::task<> take_token(lull::semaphore& from, int& got) {
  const bool taken = co_await from.acquire();
  if (taken) ++got;
}

}  // namespace

TEST_CASE("a loser of when_any whose turn had not come took a token, a value, an auto_event") {
  test::run_alone([]() -> lull::task<> {
    lull::event set(true);
    lull::semaphore tokens(1);
    const auto first = co_await lull::when_any(set.wait(), tokens.acquire());
    REQUIRE(first.index == 0);
    REQUIRE(tokens.available() == 1);

    lull::channel<int> a(1);
    lull::channel<int> b(2);
    REQUIRE(a.try_send(1));
    REQUIRE(b.try_send(2));
    REQUIRE(b.try_send(3));
    auto received = co_await lull::when_any(a.receive(), b.receive());
    REQUIRE(received.index == 0);
    REQUIRE(std::get<0>(received.value) == 1);
    REQUIRE(b.size() == 2);

    lull::auto_event once(true);
    const auto let = co_await lull::when_any(set.wait(), once.wait());
    REQUIRE(let.index == 0);
    REQUIRE(once.try_wait());
  });
}

TEST_CASE("none of when_any begins after one in the middle has won at once") {
  test::run_alone([]() -> lull::task<> {
    lull::semaphore tokens(5);
    int begun = 0;
    const auto won = co_await lull::when_any(begin_and_sleep(begun), tokens.acquire(),
                                             tokens.acquire(), begin_and_count(begun));
    REQUIRE(won.index == 1);
    REQUIRE(begun == 1);
    REQUIRE(tokens.available() == 4);
    const auto last = co_await lull::when_any(begin_and_sleep(begun), tokens.acquire());
    REQUIRE(last.index == 1);
    REQUIRE(begun == 2);
  });
}

TEST_CASE("none of a range begins after it is decided") {
  test::run_alone([]() -> lull::task<> {
    lull::semaphore tokens(100);
    int got = 0;
    std::vector<lull::task<>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(take_token(tokens, got));
    const auto won = co_await lull::when_any(std::move(tasks));
    REQUIRE(won.index == 0);
    REQUIRE(got == 1);
    REQUIRE(tokens.available() == 99);

    std::vector<lull::task<>> failing;
    failing.push_back(take_token(tokens, got));
    failing.push_back(throw_at_once());
    for (int i = 0; i < 100; ++i) failing.push_back(take_token(tokens, got));
    bool thrown = false;
    try {
      (void)co_await lull::when_all(std::move(failing));
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    REQUIRE(tokens.available() == 98);
  });
}

TEST_CASE("none of when_all begins after the first has failed") {
  test::run_alone([]() -> lull::task<> {
    lull::semaphore tokens(1);
    int begun = 0;
    bool thrown = false;
    try {
      (void)co_await lull::when_all(throw_at_once(), tokens.acquire(), begin_and_count(begun));
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    REQUIRE(tokens.available() == 1);
    REQUIRE(begun == 0);
  });
}

TEST_CASE("a task that does not begin goes with its arguments when the group ends") {
  test::run_alone([]() -> lull::task<> {
    auto kept = std::make_shared<int>(0);
    lull::event set(true);
    {
      auto late = begin_and_keep(kept);
      const auto won = co_await lull::when_any(set.wait(), std::move(late));
      REQUIRE(won.index == 0);
    }
    REQUIRE(*kept == 0);
    REQUIRE(kept.use_count() == 1);
  });
}

TEST_CASE("a stop asked of the caller decides nothing: all of when_all begin") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  int begun = 0;
  int winner = -1;
  int begun_of_any = 0;
  tasks.request_stop();
  tasks.spawn([&]() -> lull::task<> {
    co_await lull::when_all(begin_and_sleep(begun), begin_and_sleep(begun), begin_and_sleep(begun));
    const auto won =
        co_await lull::when_any(begin_and_sleep(begun_of_any), begin_and_sleep(begun_of_any));
    winner = static_cast<int>(won.index);
  });
  tasks.finish();
  REQUIRE(begun == 3);
  REQUIRE(winner == 0);  // by its end, which the stop made it come to at once
  REQUIRE(begun_of_any == 1);
}

TEST_CASE("a group waits for a loser that has begun, although none of the others does") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  test::gate opens;
  int begun = 0;
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto waits = [&opens]() -> lull::task<> { co_await opens; };
    lull::event set(true);
    const auto won = co_await lull::when_any(waits(), set.wait(), begin_and_count(begun));
    REQUIRE(won.index == 1);
    ended = true;
  });
  for (int i = 0; i < 10; ++i) cores.turn();
  REQUIRE_FALSE(ended);
  {
    const lull::core::inside here(*cores.cores[0]);
    const auto all = lull::tasks();
    REQUIRE(all.size() == 1);
    CHECK(all[0].state == lull::task_state::waiting);
    CHECK(all[0].at.size() == 2);  // that in which the loser waits
    opens.open();
  }
  tasks.finish();
  REQUIRE(ended);
  REQUIRE(begun == 0);
}

TEST_CASE("groups that are decided at once, within each other and over and over, take no stack") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::event set(true);
    std::size_t sum = 0;
    for (int i = 0; i < 20'000; ++i) {
      const auto won = co_await lull::when_any(lull::when_any(set.wait(), lull::sleep(1h)),
                                               lull::when_all(set.wait(), set.wait()));
      sum += won.index;
    }
    REQUIRE(sum == 0);
  });
}
