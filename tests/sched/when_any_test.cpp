// SPDX-License-Identifier: MIT
#include <lull/sched/when_any.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<int> give_after(int turns, int n) {
  for (int i = 0; i < turns; ++i) co_await lull::yield();
  co_return n;
}
lull::task<std::string> sleep_and_say(std::string what) {
  const bool slept = co_await lull::sleep(1h);
  co_return slept ? "slept" : what;
}
lull::task<> throw_after(int turns) {
  for (int i = 0; i < turns; ++i) co_await lull::yield();
  throw std::runtime_error("lost or won");
}

}  // namespace

TEST_CASE("the first that ends wins: its index, and its value") {
  test::run_alone([]() -> lull::task<> {
    const auto won = co_await lull::when_any(sleep_and_say("a"), give_after(3, 8), lull::sleep(1h));
    REQUIRE(won.index == 1);
    REQUIRE(won.value.index() == 1);
    REQUIRE(std::get<1>(won.value) == 8);
    const auto ready = co_await lull::when_any(give_after(0, 1), give_after(0, 2));
    REQUIRE(ready.index == 0);
    REQUIRE(std::get<0>(ready.value) == 1);
    const auto nothing = co_await lull::when_any(lull::sleep(1h), lull::yield());
    REQUIRE(nothing.index == 1);
    REQUIRE(std::get<1>(nothing.value) == std::monostate());
    const auto alone = co_await lull::when_any(give_after(1, 5));
    REQUIRE(alone.index == 0);
  });
}

TEST_CASE("when_any of a range gives the index in the range and a value") {
  test::run_alone([]() -> lull::task<> {
    std::vector<lull::task<int>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(give_after(i == 7 ? 2 : 1'000, i));
    const auto won = co_await lull::when_any(std::move(tasks));
    REQUIRE(won.index == 7);
    REQUIRE(won.value == 7);
    std::vector<lull::task<>> failing;
    failing.push_back(throw_after(5));
    failing.push_back(throw_after(1'000'000'000 / 1'000'000));
    bool thrown = false;
    try {
      (void)co_await lull::when_any(std::move(failing));
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
  });
}

TEST_CASE("a loser that takes long to stop is waited for") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  test::gate stops;
  bool asked = false;
  bool loser_ended = false;
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto slow = [&]() -> lull::task<> {
      asked = !co_await lull::sleep(1h);
      co_await stops;
      loser_ended = true;
    };
    const auto won = co_await lull::when_any(slow(), give_after(2, 3));
    REQUIRE(won.index == 1);
    REQUIRE(std::get<1>(won.value) == 3);
    REQUIRE(loser_ended);
    ended = true;
  });
  for (int i = 0; i < 100; ++i) cores.turn();
  REQUIRE(asked);
  REQUIRE_FALSE(ended);
  test::opening open(stops);
  cores.cores[0]->post(open);
  tasks.finish();
  REQUIRE(ended);
}

TEST_CASE("an exception wins when it is first, and is dropped when it is not") {
  test::run_alone([]() -> lull::task<> {
    bool thrown = false;
    try {
      (void)co_await lull::when_any(sleep_and_say("x"), throw_after(1));
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    const auto won = co_await lull::when_any(throw_after(5), give_after(1, 2));
    REQUIRE(won.index == 1);
  });
}

TEST_CASE("a stop asked of the caller ends all of when_any; the first to end still wins") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string seen;
  const auto waits = [&seen]() -> lull::task<> {
    const auto won = co_await lull::when_any(sleep_and_say("a"), sleep_and_say("b"));
    seen += won.index == 0 ? std::get<0>(won.value) : std::get<1>(won.value);
  };
  tasks.spawn(waits);
  cores.turn();
  tasks.request_stop();
  tasks.finish();
  tasks.spawn(waits);
  tasks.finish();
  REQUIRE(seen == "aa");
}

TEST_CASE("when_any over and over takes no stack and leaves no timer") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    std::size_t sum = 0;
    for (int i = 0; i < 200'000; ++i) {
      const auto won = co_await lull::when_any(lull::sleep(1h), give_after(0, 1));
      sum += won.index;
    }
    REQUIRE(sum == 200'000);
    REQUIRE(cores.cores[0]->timers.empty());
  });
}

TEST_CASE("combinators within combinators: a limit over the first of two limits") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto got = co_await lull::timeout(
        3ms, lull::when_any(lull::timeout(1h, lull::sleep(2h)), lull::timeout(5ms, lull::yield()),
                            sleep_and_say("never")));
    REQUIRE(got);
    REQUIRE(got->index == 1);
    const auto late = co_await lull::timeout(
        3ms, lull::when_any(lull::timeout(1h, lull::sleep(2h)), sleep_and_say("asked")));
    REQUIRE(late.timed_out());
    REQUIRE(late.has_value());
    ended = true;
  });
  for (int i = 0; i < 10; ++i) cores.turn();
  cores.clock.advance(3ms);
  tasks.finish();
  REQUIRE(ended);
}
