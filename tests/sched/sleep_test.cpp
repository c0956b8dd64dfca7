// SPDX-License-Identifier: MIT
#include <lull/sched/sleep.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "noting_core.hpp"

using namespace std::chrono_literals;

TEST_CASE("a sleep ends in the first iteration after its time, and not before") {
  test::driven_cores cores(1);
  bool woke = false;
  lull::scope* all = nullptr;
  {
    const lull::core::inside here(*cores.cores[0]);
    all = new lull::scope;
    all->spawn([&]() -> lull::task<> { woke = co_await lull::sleep(5ms); });
  }
  cores.turn();
  cores.clock.advance(5ms - 1ns);
  cores.turn();
  cores.turn();
  REQUIRE_FALSE(woke);
  cores.clock.advance(1ns);
  cores.turn();
  cores.turn();
  REQUIRE(woke);
  delete all;
}

TEST_CASE("sleeps end in the order of their times") {
  test::driven_cores cores(1);
  std::string order;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    const auto sleeper = [&order](int ms, char name) -> lull::task<> {
      co_await lull::sleep(std::chrono::milliseconds(ms));
      order += name;
    };
    all.spawn(sleeper, 3, 'c');
    all.spawn(sleeper, 1, 'a');
    all.spawn(sleeper, 2, 'b');
    co_await lull::yield();
    cores.clock.advance(10ms);
    co_await all.join();
  });
  REQUIRE(order == "abc");
}

TEST_CASE("a sleep without end, whose time does not fit the clock, is not over at once") {
  test::driven_cores cores(1);
  bool ended = false;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      co_await lull::sleep(lull::nanoseconds::max());
      ended = true;
    });
    const bool joined = co_await all.join_for(1ms - 2ms);  // a time that is over already
    REQUIRE_FALSE(joined);
    for (int i = 0; i < 10; ++i) {
      co_await lull::sleep(0ns);
    }
    REQUIRE_FALSE(ended);
    all.request_stop();
    co_await all.join();
    REQUIRE(ended);
  });
}

TEST_CASE("yield lets others run first, without a system call") {
  test::driven_cores cores(1);
  std::string order;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      order += 'b';
      co_return;
    });
    order += 'a';
    const auto enters = lull::core::current().submissions().statistics().enters;
    co_await lull::yield();
    REQUIRE(lull::core::current().submissions().statistics().enters == enters);
    order += 'c';
    co_await all.join();
  });
  REQUIRE(order == "abc");
}

TEST_CASE("yield_if_needed went on when the time of the iteration was over") {
  test::driven_cores cores(1);
  for (const lull::nanoseconds each : {lull::nanoseconds(5us), lull::nanoseconds(1ms)}) {
    std::atomic<bool> ended{false};
    int beats = 0;
    cores.run_on_core(0, [&]() -> lull::task<> {
      lull::scope all;
      all.spawn([&]() -> lull::task<> {
        for (; !ended; ++beats) co_await lull::yield();
      });
      for (auto left = lull::nanoseconds(100ms); left > 0ns; left -= each) {
        cores.clock.advance(each);
        co_await lull::yield_if_needed();
      }
      ended = true;
      co_await all.join();
    });
    // Every half of a millisecond, and what 64 steps take later at most.
    CHECK(beats >= 90);
    CHECK(beats <= 210);
  }
}

TEST_CASE("slow calls of should_yield were not looked after when another task's had been quick") {
  test::driven_cores cores(1);
  int slow = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    for (int i = 0; i < 5000; ++i) (void)lull::should_yield();
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      do {
        cores.clock.advance(5ms);
        ++slow;
      } while (!lull::should_yield());
      co_return;
    });
    co_await all.join();
  });
  CHECK(slow == 1);
}

TEST_CASE("a loop that goes on is told that reclamation waits for it") {
  lull::domain_options reclamation;
  reclamation.budget = {4096, 8192};
  test::driven_cores cores(2, test::driven_cores::small_options(), reclamation);
  int calls = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    while (calls < 1000 && !lull::should_yield()) {
      if (++calls != 100) continue;
      {
        const lull::core::inside there(*cores.cores[1]);
        for (int i = 0; i < 6; ++i) lull::retire(new std::array<std::byte, 1024>);
      }
      for (int i = 0; i < 50; ++i) cores.cores[1]->iterate(lull::when_idle::come_back);
    }
    co_return;
  });
  CHECK(calls > 100);
  CHECK(calls <= 100 + 64);
}

TEST_CASE("sleeping tasks need no timer of the kernel but the one that a sleeping core wakes by") {
  test::noting_core sleeping;
  lull::core& core = sleeping.core;
  const std::vector<lull::nanoseconds>& limits = sleeping.kernel.limits;
  bool busy = true;
  {
    const lull::core::inside here(core);
    for (int i = 1; i <= 1000; ++i) {
      core.root().spawn([i]() -> lull::task<> { co_await lull::sleep(i * 1ms); });
    }
    core.root().spawn([&busy]() -> lull::task<> {
      while (busy) co_await lull::yield();
    });
  }
  core.iterate();
  const auto submissions = core.submissions().statistics().submissions;
  for (int i = 0; i < 50; ++i) {
    sleeping.clock.advance(10ms);
    do {
      core.iterate();
    } while (core.timers.behind());
  }
  CHECK(core.root().size() < 600);
  CHECK(limits.empty());
  busy = false;
  while (limits.empty()) core.iterate();
  CHECK(limits.size() == 1);
  CHECK(core.submissions().statistics().submissions == submissions);
  sleeping.clock.advance(1s);
  while (core.root().size() != 0) core.iterate(lull::when_idle::come_back);
}

TEST_CASE("a core does not sleep while more timers are due than it deals with in a turn") {
  struct counting_timer : lull::detail::timer_node {
    counting_timer() : timer_node([](timer_node&) noexcept {}) {}
  };
  test::noting_core sleeping;
  lull::core& core = sleeping.core;
  constexpr std::size_t turns = 5;
  std::vector<counting_timer> many((turns + 1) * lull::limits::timers_at_a_time);
  for (auto& one : many) core.timers.arm(one, sleeping.clock.now() + 1ms);
  sleeping.clock.advance(1ms);
  for (std::size_t i = 0; i < turns; ++i) {
    CHECK(!core.timers.empty());
    core.iterate();
    CHECK(sleeping.kernel.limits.empty());
  }
  while (!core.timers.empty()) core.iterate(lull::when_idle::come_back);
}

TEST_CASE("a core that polled for long did not look at its timers meanwhile") {
  // Each look at the clock takes a microsecond.
  struct ticking {
    static lull::time_point read(const void* self) noexcept {
      return lull::time_point(static_cast<const ticking*>(self)->time += 1us);
    }
    mutable lull::nanoseconds time{1h};
  };
  const ticking clock;
  lull::domain shared;
  auto options = test::driven_cores::small_options();
  options.clock = {&ticking::read, &clock};
  options.poll = 20ms;
  lull::core core(0, shared, options);
  lull::detail::message end([](lull::detail::message&) noexcept {});
  lull::nanoseconds slept{};
  {
    const lull::core::inside here(core);
    core.root().spawn([&]() -> lull::task<> {
      const lull::nanoseconds begun = clock.time;
      co_await lull::sleep(1ms);
      slept = clock.time - begun;
      core.send(core, end);  // so that it does not sleep afterwards
    });
  }
  while (core.root().size() != 0) core.iterate();
  CHECK(slept < 3ms);
  core.wind_up();
}
