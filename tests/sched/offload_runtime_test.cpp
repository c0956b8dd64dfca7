// SPDX-License-Identifier: MIT

// Offloaded calls of a runtime: cores that sleep, stops that race, the end.

#include <sched.h>

#include <atomic>
#include <system_error>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <lull/base/limits.hpp>
#include <lull/reclaim/retirable.hpp>
#include <lull/sched/offload.hpp>
#include <lull/sched/online_section.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "threads.hpp"

using namespace std::chrono_literals;

TEST_CASE("an offloaded call wakes the core that sleeps, and is not kept to its processor") {
  auto options = test::some_cores(2);
  options.core.poll = 0ns;
  std::atomic<int> calls{0};
  std::atomic<int> confined{0};
  const std::size_t processors = lull::all_cores().size();
  REQUIRE(lull::run(options, [&]() -> lull::task<> {
            const unsigned here = lull::this_core();
            for (int i = 0; i < 50; ++i) {
              const std::size_t allowed = co_await lull::offload([i] {
                std::this_thread::sleep_for(std::chrono::microseconds(i * 10));
                return lull::all_cores().size();
              });
              if (allowed != processors) ++confined;
              if (lull::this_core() == here) ++calls;
            }
          }) == 0);
  REQUIRE(calls == 100);
  REQUIRE(confined == 0);
}

TEST_CASE("the end of a runtime waits for a call that its caller has left") {
  std::atomic<bool> begun{false};
  std::atomic<bool> left{false};
  std::atomic<bool> done{false};
  REQUIRE(lull::run(test::some_cores(2), [&]() -> lull::task<> {
            if (lull::this_core() != 1) co_return;
            const auto slow = [&] {
              begun = true;
              while (!left) std::this_thread::yield();
              std::this_thread::sleep_for(20ms);
              done = true;
            };
            lull::scope all;
            all.spawn([&]() -> lull::task<> {
              try {
                co_await lull::offload(slow);
              } catch (const std::system_error&) {
                left = true;
              }
            });
            while (!begun) co_await lull::sleep(100us);
            all.request_stop();
            co_await all.join();
          }) == 0);
  REQUIRE(left);
  REQUIRE(done);
}

TEST_CASE("offloaded calls race with the time limits around them, on several cores") {
  auto options = test::some_cores(3);
  options.offload = {.threads = 3, .queue = 4, .idle = 1ms};
  constexpr int rounds = 300;
  constexpr int at_once = 4;
  std::atomic<int> begun{0};
  std::atomic<int> came{0};
  std::atomic<int> wrong{0};
  std::atomic<int> out_of_time{0};
  REQUIRE(lull::run(options, [&]() -> lull::task<> {
            lull::scope all;
            for (int t = 0; t < at_once; ++t) {
              all.spawn([&, t]() -> lull::task<> {
                for (int i = 0; i < rounds; ++i) {
                  const auto work = [&begun, i](int add) {
                    ++begun;
                    if (i % 16 == 0) std::this_thread::sleep_for(50us);
                    return i + add;
                  };
                  const auto limit = std::chrono::microseconds((i * 7 + t * 13) % 150);
                  const auto got = co_await lull::timeout(limit, lull::offload(work, t));
                  if (!got) {
                    ++out_of_time;
                  } else if (*got == i + t) {
                    ++came;
                  } else {
                    ++wrong;
                  }
                }
              });
            }
            co_await all.join();
          }) == 0);
  REQUIRE(wrong == 0);
  REQUIRE(came + out_of_time == 3 * rounds * at_once);
  REQUIRE(begun >= came);
}

TEST_CASE("what an offloaded call had retired last found its home core ended") {
  static std::atomic<int> deleted{0};
  static std::atomic<int> ran{0};
  struct at_home : lull::homed<at_home> {
    ~at_home() {
      ++deleted;
      lull::spawn([]() -> lull::task<> {
        ++ran;
        co_return;
      });
    }
  };
  constexpr int rounds = lull::limits::small ? 30 : 100;
  auto options = test::some_cores(2);
  options.offload.threads = 1;
  if (GENERATE(false, true)) options.offload.idle = 0ns;
  deleted = ran = 0;
  for (int i = 0; i < rounds; ++i) {
    REQUIRE(lull::run(options, []() -> lull::task<> {
              if (lull::this_core() != 0) co_return;
              co_await lull::offload([one = new at_home] {
                const lull::online_section online;
                lull::retire(one);
              });
            }) == 0);
    REQUIRE(deleted == i + 1);
    REQUIRE(ran == i + 1);
  }
}
