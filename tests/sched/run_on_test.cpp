// SPDX-License-Identifier: MIT
#include <lull/sched/run_on.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

TEST_CASE("a function runs on the core it was sent to, and its result comes back") {
  test::driven_cores cores(3);
  cores.run_on_core(0, []() -> lull::task<> {
    for (unsigned i = 0; i < lull::core_count(); ++i) {
      REQUIRE(co_await lull::run_on(i, [] { return lull::this_core(); }) == i);
    }
    REQUIRE(lull::this_core() == 0);
  });
}

TEST_CASE("arguments are moved there and results moved back") {
  test::driven_cores cores(2);
  cores.run_on_core(0, []() -> lull::task<> {
    auto boxed = std::make_unique<int>(20);
    const auto twice = [](std::unique_ptr<int> n) { return std::make_unique<int>(*n * 2); };
    lull::run_on call(1, twice, std::move(boxed));
    const auto result = co_await call;
    REQUIRE(*result == 40);
  });
}

TEST_CASE("a task is awaited over there") {
  test::driven_cores cores(2);
  unsigned where = 99;
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto over_there = [](unsigned* seen) -> lull::task<int> {
      co_await lull::yield();
      *seen = lull::this_core();
      co_return 5;
    };
    REQUIRE(co_await lull::run_on(1, over_there, &where) == 5);
  });
  REQUIRE(where == 1);
  REQUIRE(cores.cores[1]->served().size() == 0);
}

TEST_CASE("exceptions cross cores, from functions and from tasks") {
  test::driven_cores cores(2);
  cores.run_on_core(0, []() -> lull::task<> {
    std::string what;
    const auto plain = []() -> int { throw std::runtime_error("plain"); };
    const auto lazy = []() -> lull::task<> {
      co_await lull::yield();
      throw std::runtime_error(" task");
    };
    try {
      co_await lull::run_on(1, plain);
    } catch (const std::runtime_error& error) {
      what += error.what();
    }
    try {
      co_await lull::run_on(1, lazy);
    } catch (const std::runtime_error& error) {
      what += error.what();
    }
    REQUIRE(what == "plain task");
  });
}

TEST_CASE("what a core sends in one iteration arrives in order") {
  test::driven_cores cores(2);
  std::vector<int> order;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    for (int i = 0; i < 64; ++i) {
      all.spawn([&order, i]() -> lull::task<> {
        co_await lull::run_on(1, [&order, i] { order.push_back(i); });
      });
    }
    co_await all.join();
  });
  REQUIRE(order.size() == 64);
  for (int i = 0; i < 64; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("a call takes no allocation and no system call while both cores are awake") {
  test::driven_cores cores(2);
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto enters = cores.cores[0]->submissions().statistics().enters +
                        cores.cores[1]->submissions().statistics().enters;
    for (int i = 0; i < 100; ++i) co_await lull::run_on(1, [] {});
    REQUIRE(cores.cores[0]->submissions().statistics().enters +
                cores.cores[1]->submissions().statistics().enters <=
            enters + 2);
  });
}

TEST_CASE("what a task ran on another core was in another group than the task") {
  auto options = test::driven_cores::small_options();
  options.groups = {{"urgent", 1000}, {"in the background", 10}};
  test::driven_cores cores(2, options);
  unsigned group = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    all.spawn(lull::task_options{.group = 1U}, [&]() -> lull::task<> {
      co_await lull::run_on(1, [&group]() -> lull::task<> {
        co_await lull::yield();
        group = static_cast<const lull::detail::task_record*>(lull::participant::current()->running)
                    ->group();
      });
    });
    co_await all.join();
  });
  CHECK(group == 1);
}
