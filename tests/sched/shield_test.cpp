// SPDX-License-Identifier: MIT
#include <lull/sched/shield.hpp>

#include <stdexcept>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

TEST_CASE("no stop reaches a shielded section, and what comes after it sees the stop") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string seen;
  tasks.spawn([&]() -> lull::task<> {
    const auto within = [&]() -> lull::task<int> {
      const bool slept = co_await lull::sleep(5ms);
      if (slept && !co_await test::asked_to_stop()) seen += 's';
      co_return 4;
    };
    const int four = co_await lull::shield(within());
    if (four == 4 && co_await test::asked_to_stop()) seen += 'a';
    const bool slept = co_await lull::shield(lull::sleep(5ms));
    if (slept) seen += 'b';
    const bool after = co_await lull::sleep(1h);
    if (!after) seen += 'c';
  });
  cores.turn();
  tasks.request_stop();
  for (int i = 0; i < 10; ++i) cores.turn();
  REQUIRE(seen.empty());
  cores.turn_until([&] {
    cores.clock.advance(1ms);
    return tasks.ended();
  });
  REQUIRE(seen == "sabc");
}

TEST_CASE("a shielded section passes exceptions, and has limits of its own") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::string seen;
  tasks.spawn([&]() -> lull::task<> {
    const auto fails = []() -> lull::task<> {
      co_await lull::yield();
      throw std::runtime_error("no");
    };
    try {
      co_await lull::shield(fails());
    } catch (const std::runtime_error& error) {
      seen += error.what();
    }
    const auto limited = co_await lull::shield(lull::timeout(5ms, lull::sleep(1h)));
    if (limited.timed_out()) seen += " more";
  });
  cores.turn();
  tasks.request_stop();
  cores.turn_until([&] {
    cores.clock.advance(1ms);
    return tasks.ended();
  });
  REQUIRE(seen == "no more");
}
