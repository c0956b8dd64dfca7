// SPDX-License-Identifier: MIT
#include <lull/sched/timeout.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<int> give(int n) { co_return n; }
lull::task<std::unique_ptr<int>> give_owned_late(int n) {
  co_await lull::sleep(1h);
  co_return std::make_unique<int>(n);
}
// Gives how far it came, as a task may that is asked to stop.
lull::task<int> count_turns() {
  int turns = 0;
  while (co_await lull::sleep(1ms)) ++turns;
  co_return turns;
}
lull::task<> sleep_long() { co_await lull::sleep(1h); }
lull::task<int> fail_when_stopped(std::error_code code) {
  const bool slept = co_await lull::sleep(1h);
  if (!slept) throw std::system_error(code);
  co_return 1;
}

lull::task<int> fail_at_once(std::error_code code) {
  throw std::system_error(code);
  co_return 1;
}

}  // namespace

TEST_CASE("what ends in time is given, and its timer is gone") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto got = co_await lull::timeout(1s, give(3));
    REQUIRE(got);
    REQUIRE_FALSE(got.timed_out());
    REQUIRE(*got == 3);
    REQUIRE(cores.cores[0]->timers.empty());
    const bool in_time = co_await lull::timeout(1s, lull::yield());
    REQUIRE(in_time);
    const auto slept = co_await lull::deadline(lull::now() + 1s, lull::sleep(0ns));
    CHECK(slept);
    REQUIRE(*slept);
    int place = 0;
    const auto reference = [&place]() -> lull::task<int&> { co_return place; };
    const auto same = co_await lull::timeout(1s, reference());
    REQUIRE(&same->get() == &place);
    REQUIRE(cores.cores[0]->timers.empty());
  });
}

TEST_CASE("what takes longer is asked to stop, waited for, and what it gave is there") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string ended;
  tasks.spawn([&]() -> lull::task<> {
    const auto slept = co_await lull::timeout(5ms, lull::sleep(1h));
    CHECK(slept.timed_out());
    REQUIRE(*slept == false);
    ended += 's';
    const bool in_time = co_await lull::timeout(5ms, sleep_long());
    REQUIRE_FALSE(in_time);
    ended += 'v';
    const auto turns = co_await lull::timeout(5ms, count_turns());
    REQUIRE(turns.timed_out());
    REQUIRE(turns.has_value());
    REQUIRE((*turns > 0 && *turns < 6));
    ended += 'c';
  });
  cores.turn();
  cores.clock.advance(5ms - 1ns);
  for (int i = 0; i < 5; ++i) cores.turn();
  REQUIRE(ended.empty());
  cores.clock.advance(1ns);
  for (int i = 0; i < 5; ++i) cores.turn();
  REQUIRE(ended == "s");
  cores.turn_until([&] {
    cores.clock.advance(1ms);
    return tasks.ended();
  });
  REQUIRE(ended == "svc");
}

TEST_CASE("a value that says itself to be none is timed out when it comes late") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  bool ended = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto owned = co_await lull::timeout(5ms, give_owned_late(1));
    REQUIRE(owned);  // it heeds no stop, but for being woken
    REQUIRE(**owned == 1);
    ended = true;
  });
  cores.turn();
  cores.clock.advance(5ms);
  tasks.finish();
  REQUIRE(ended);
}

TEST_CASE("of nested limits the one that is up first is the one that is told") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string up;
  const auto nested = [&up](lull::nanoseconds outer, lull::nanoseconds inner) -> lull::task<> {
    const auto within = [&up, inner]() -> lull::task<bool> {
      const auto got = co_await lull::timeout(inner, lull::sleep(1h));
      if (got.timed_out()) up += 'i';
      co_return *got;
    };
    const auto got = co_await lull::timeout(outer, within());
    if (got.timed_out()) up += 'o';
    up += '.';
  };
  tasks.spawn([&]() -> lull::task<> {
    co_await nested(10ms, 5ms);
    co_await nested(5ms, 10ms);
    const auto end = lull::now() + 5ms;
    const auto both = co_await lull::deadline(end, lull::deadline(end, lull::sleep(1h)));
    if (both.timed_out()) up += 'b';
    if (both->timed_out()) up += '!';
  });
  cores.turn();
  for (int i = 0; i < 4; ++i) {
    cores.clock.advance(5ms);
    for (int turns = 0; turns < 3; ++turns) cores.turn();
  }
  tasks.finish();
  REQUIRE(up.substr(0, 5) == "i.o.b");
}

TEST_CASE("a stop asked of the caller reaches what it awaits for a limited time") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  int ended = 0;
  const auto stopped = [&ended]() -> lull::task<> {
    const auto slept = co_await lull::timeout(1h, lull::sleep(2h));
    REQUIRE_FALSE(slept.timed_out());
    REQUIRE(*slept == false);
    ++ended;
    const auto again = co_await lull::timeout(0ns, lull::sleep(2h));  // asked before it begins
    REQUIRE_FALSE(again.timed_out());
    ++ended;
  };
  tasks.spawn(stopped);
  cores.turn();
  tasks.request_stop();
  tasks.spawn(stopped);
  tasks.finish();
  REQUIRE(ended == 4);
  REQUIRE(cores.cores[0]->timers.empty());
}

TEST_CASE("a time that is over already lets begin, and no more") {
  test::run_alone([]() -> lull::task<> {
    const auto at_once = co_await lull::deadline(lull::time_point(), give(1));
    REQUIRE(at_once);
    const auto slept = co_await lull::timeout(-1s, lull::sleep(1h));
    CHECK(slept.timed_out());
    const auto endless = co_await lull::timeout(lull::nanoseconds::max(), give(2));
    REQUIRE(*endless == 2);
  });
}

TEST_CASE("an exception passes, but for the cancellation that the time itself brought about") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string seen;
  tasks.spawn([&]() -> lull::task<> {
    const auto canceled = std::make_error_code(std::errc::operation_canceled);
    const auto reset = std::make_error_code(std::errc::connection_reset);
    const auto got = co_await lull::timeout(5ms, fail_when_stopped(canceled));
    REQUIRE(got.timed_out());
    REQUIRE_FALSE(got.has_value());
    try {
      (void)co_await lull::timeout(5ms, fail_when_stopped(reset));
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::connection_reset) seen += 'r';
    }
    try {  // in time: it is the task's own
      (void)co_await lull::timeout(1h, fail_at_once(canceled));
    } catch (const std::system_error& error) {
      if (error.code() == std::errc::operation_canceled) seen += 'c';
    }
    const auto nothing = [](std::error_code code) -> lull::task<> {
      co_await lull::sleep(1h);
      throw std::system_error(code);
    };
    const bool in_time = co_await lull::timeout(5ms, nothing(canceled));
    REQUIRE_FALSE(in_time);
    seen += '.';
  });
  cores.turn_until([&] {
    cores.clock.advance(1ms);
    return tasks.ended();
  });
  REQUIRE(seen == "rc.");
}

TEST_CASE("10,000 sleeps with time limits end by their limits, or all at once by a stop") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  int timed_out = 0;
  int stopped = 0;
  const auto sleeper = [&]() -> lull::task<> {
    const auto limited = co_await lull::timeout(5ms, lull::sleep(1h));
    timed_out += limited.timed_out() ? 1 : 0;
    const auto asked = co_await lull::timeout(1h, lull::sleep(1h));
    stopped += !asked.timed_out() && !*asked ? 1 : 0;
  };
  for (int i = 0; i < 10'000; ++i) tasks.spawn(sleeper);
  for (int i = 0; i < 100; ++i) cores.turn();
  cores.clock.advance(5ms);
  cores.turn_until([&] { return timed_out == 10'000; });
  tasks.request_stop();
  tasks.finish();
  REQUIRE(stopped == 10'000);
  // But for the timer that gives their frames back.
  cores.turn_until([&] {
    cores.clock.advance(lull::detail::frame_trim::unneeded_for);
    return !cores.cores[0]->frames.has_excess();
  });
  cores.turn();
  REQUIRE(cores.cores[0]->timers.empty());
}

TEST_CASE("limits nested a thousand deep pass a stop on") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  int ended = 0;
  struct nest {
    static lull::task<bool> down(int depth) {
      if (depth == 0) co_return co_await lull::sleep(1h);
      const auto got = co_await lull::timeout(1h, down(depth - 1));
      co_return *got;
    }
  };
  tasks.spawn([&]() -> lull::task<> {
    const bool slept = co_await nest::down(1'000);
    REQUIRE_FALSE(slept);
    ++ended;
  });
  cores.turn();
  tasks.request_stop();
  tasks.finish();
  REQUIRE(ended == 1);
}

TEST_CASE("a million limited awaits of ready tasks take no stack") {
  test::run_alone([]() -> lull::task<> {
    std::int64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const auto got = co_await lull::timeout(1s, give(1));
      sum += *got;
    }
    REQUIRE(sum == 1'000'000);
  });
}

TEST_CASE("a limit of hours::max(), or of 300 years, was over at once") {
  test::run_alone([]() -> lull::task<> {
    const auto nap_twice = []() -> lull::task<int> {
      for (int i = 0; i < 2; ++i) co_await lull::sleep(0ns);
      co_return 2;
    };
    const auto seconds = co_await lull::timeout(std::chrono::seconds::max(), nap_twice());
    CHECK(seconds);
    const auto hours = co_await lull::timeout(std::chrono::hours::max(), nap_twice());
    CHECK(hours);
    const auto years = co_await lull::timeout(std::chrono::years(300), nap_twice());
    CHECK(years);
    const auto end = lull::later(lull::now(), std::chrono::hours::max());
    const auto until = co_await lull::deadline(end, nap_twice());
    CHECK(until);
    const auto none = co_await lull::timeout(std::chrono::minutes::min(), nap_twice());
    CHECK(none.timed_out());
    const bool slept = co_await lull::sleep(std::chrono::minutes::min());
    CHECK(slept);
    lull::scope all;
    all.spawn([]() -> lull::task<> { co_await lull::sleep(0ns); });
    const bool joined = co_await all.join_for(std::chrono::hours::max());
    CHECK(joined);
    const auto asleep = co_await lull::timeout(0ns, lull::sleep(std::chrono::hours::max()));
    CHECK(asleep.timed_out());
  });
}
