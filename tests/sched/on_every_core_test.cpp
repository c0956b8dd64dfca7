// SPDX-License-Identifier: MIT
#include <lull/sched/on_every_core.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "threads.hpp"
#include "waits.hpp"

TEST_CASE("a function runs on every core, and the results come back by core") {
  test::driven_cores cores(4);
  std::vector<unsigned> plain;
  std::vector<std::unique_ptr<unsigned>> lazy;
  cores.run_on_core(2, [&]() -> lull::task<> {
    plain = co_await lull::on_every_core([] { return lull::this_core() * 10; });
    const auto slower_first = []() -> lull::task<std::unique_ptr<unsigned>> {
      for (unsigned i = lull::this_core(); i < 9; ++i) co_await lull::yield();
      co_return std::make_unique<unsigned>(lull::this_core());
    };
    lazy = co_await lull::on_every_core(slower_first);
    REQUIRE(lull::this_core() == 2);
  });
  REQUIRE(plain == std::vector<unsigned>{0, 10, 20, 30});
  REQUIRE(lazy.size() == 4);
  for (unsigned i = 0; i < 4; ++i) REQUIRE(*lazy[i] == i);
}

TEST_CASE("what runs on every core runs there at the same time") {
  test::driven_cores cores(3);
  unsigned standing = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    co_await lull::broadcast([&]() -> lull::task<> {
      ++standing;
      while (standing < 3) co_await lull::yield();  // for the others, who wait for this one
    });
  });
  REQUIRE(standing == 3);
}

TEST_CASE("an exception on one core is thrown when all cores have ended") {
  test::driven_cores cores(3);
  unsigned ended = 0;
  std::string what;
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto fails_on_second = [&ended]() -> lull::task<int> {
      if (lull::this_core() == 1) throw std::runtime_error("core 1 cannot");
      for (int i = 0; i < 20; ++i) co_await lull::yield();
      ++ended;
      co_return 0;
    };
    try {
      co_await lull::on_every_core(fails_on_second);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    REQUIRE(ended == 2);
  });
  REQUIRE(what == "core 1 cannot");
}

TEST_CASE("cores broadcast to each other crosswise") {
  std::atomic<int> calls{0};
  std::atomic<int> wrong{0};
  REQUIRE(lull::run(test::some_cores(3), [&]() -> lull::task<> {
            for (int i = 0; i < 100; ++i) {
              co_await lull::broadcast([&calls] { ++calls; });
              const auto who = co_await lull::on_every_core([] { return lull::this_core(); });
              if (who != std::vector<unsigned>{0, 1, 2}) ++wrong;
            }
          }) == 0);
  REQUIRE(calls == 900);
  REQUIRE(wrong == 0);
}
