// SPDX-License-Identifier: MIT
#include <lull/sched/core.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/grace_period.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/sleep.hpp>

#include "../ring/observer.hpp"
#include "helpers.hpp"
#include "noting_core.hpp"

using namespace std::chrono_literals;

namespace {

struct tracked {
  explicit tracked(int& c) noexcept : count(&c) { ++*count; }
  ~tracked() { --*count; }
  int* count;
};

struct finish_message : lull::detail::message {
  finish_message() noexcept : message(&finish_message::arrived) {}
  static void arrived(message&) noexcept { lull::core::current().finish(); }
};

// A core with a thread of its own that has gone to sleep, for ever unless somebody wakes it.
class sleeping_core {
 public:
  explicit sleeping_core(lull::domain& shared) : thread_([this, &shared] { serve(shared); }) {
    while (core_.load() == nullptr || core_.load()->statistics().sleeps == 0) {
      std::this_thread::yield();
    }
  }

  // Wakes it by a message that ends its loop.
  void finish() {
    finish_message message;
    core_.load()->post(message);
    posted_ = true;
    thread_.join();
  }

 private:
  void serve(lull::domain& shared) {
    lull::core_options options;
    options.poll = 0ns;
    lull::core core(0, shared, options);
    core_ = &core;
    core.serve();
    while (!posted_) std::this_thread::yield();
    core.wind_up();
  }

  std::atomic<lull::core*> core_{nullptr};
  std::atomic<bool> posted_{false};
  std::thread thread_;
};

// A kernel that is short of memory for so many entries.
class refusing_entries : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (refusals > 0 && --refusals >= 0) return -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  int refusals = 0;
};

}  // namespace

TEST_CASE("an iteration counts, and time stands still within it") {
  test::driven_cores cores(1);
  const auto before = cores.cores[0]->statistics().iterations;
  cores.turn();
  REQUIRE(cores.cores[0]->statistics().iterations == before + 1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto then = lull::now();
    cores.clock.advance(1s);
    REQUIRE(lull::now() == then);
    co_return;
  });
}

TEST_CASE("a core that has not begun was late for timers that it does not have") {
  test::driven_cores cores(1);
  CHECK_FALSE(cores.cores[0]->oversleeps());
}

TEST_CASE("what a core retires is released once every core has been quiescent") {
  test::driven_cores cores(2);
  int alive = 0;
  {
    const lull::core::inside here(*cores.cores[0]);
    lull::participant::current()->retire(new tracked(alive));
  }
  for (int i = 0; i < 8; ++i) cores.cores[0]->iterate(lull::when_idle::come_back);
  REQUIRE(alive == 1);  // the other core has not been quiescent
  for (int i = 0; i < 8; ++i) cores.turn();
  REQUIRE(alive == 0);
}

TEST_CASE("a budget of resumptions ends an iteration's first step") {
  lull::core_options options = test::driven_cores::small_options();
  options.resumes_per_iteration = 10;
  test::driven_cores cores(1, options);
  int turns = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    const auto before = cores.cores[0]->statistics().iterations;
    for (int i = 0; i < 100; ++i) co_await lull::yield();
    turns = static_cast<int>(cores.cores[0]->statistics().iterations - before);
  });
  REQUIRE(turns >= 10);
  REQUIRE(turns <= 11);
}

TEST_CASE("a message from another thread wakes a sleeping core") {
  lull::domain shared;
  sleeping_core sleeper(shared);
  sleeper.finish();
  SUCCEED("it woke, and ended its loop");
}

TEST_CASE("a core that sleeps delays nobody's releases") {
  lull::domain shared;
  sleeping_core sleeper(shared);
  {
    lull::participant here(shared);
    int alive = 0;
    here.retire(new tracked(alive));
    bool released = false;
    for (int i = 0; i < 100'000 && !released; ++i) {
      here.quiescent();
      released = alive == 0;
    }
    REQUIRE(released);
  }
  sleeper.finish();
}

TEST_CASE("a core slept with a coroutine ready that had waited for a grace period") {
  lull::domain shared;
  // More than one quiescent state looks at, so that the grace period ends while the core drives
  // before it sleeps.
  std::deque<lull::participant> others;
  for (unsigned i = 0; i < 3 * lull::limits::walk_visits; ++i) {
    static_cast<void>(others.emplace_back(shared).offline());
  }
  lull::core_options options;
  options.poll = 0ns;
  lull::core core(0, shared, options);
  bool over = false;
  {
    const lull::core::inside here(core);
    lull::scope all;
    std::uint64_t sleeps = 0;
    all.spawn([&]() -> lull::task<> {
      over = co_await lull::grace_period();
      sleeps = core.statistics().sleeps;
    });
    all.spawn([]() -> lull::task<> { co_await lull::sleep(50ms); });  // or it would sleep for ever
    while (!over) core.iterate();
    CHECK(sleeps == 0);
    while (all.size() != 0) core.iterate(lull::when_idle::come_back);
  }
  core.wind_up();
}

TEST_CASE("a core is woken for its next timer by the slack later, however strange that is") {
  struct slack {
    lull::nanoseconds asked, used;
  };
  // What is left until the end of time is longer than any sleep.
  for (const slack& one :
       {slack{0ns, 0ns}, slack{70us, 70us}, slack{-1h, 0ns}, slack{lull::nanoseconds::min(), 0ns},
        slack{lull::nanoseconds::max(), 24h * 365}}) {
    test::noting_core sleeping(one.asked);
    lull::core& core = sleeping.core;
    {
      const lull::core::inside here(core);
      core.root().spawn([]() -> lull::task<> { co_await lull::sleep(10ms); });
    }
    const std::vector<lull::nanoseconds>& limits = sleeping.kernel.limits;
    while (limits.empty()) core.iterate();
    if (one.used > 1h) {
      CHECK(limits.back() > one.used);
    } else {
      CHECK(limits.back() == 10ms + one.used);
    }
    sleeping.clock.advance(10ms);
    while (core.root().size() != 0) core.iterate(lull::when_idle::come_back);
  }
}

TEST_CASE("a core left its loop with a wake-up that the kernel had refused to read") {
  refusing_entries kernel;
  lull::domain shared;
  lull::core core(0, shared, test::driven_cores::small_options(), kernel);
  core.iterate(lull::when_idle::come_back);
  core.submissions().try_submission(nullptr).nop();
  core.finish();
  kernel.refusals = 5;
  core.serve();
  REQUIRE(kernel.refusals == 0);
  REQUIRE(core.submissions().unread() == 0);
  core.wind_up();
}

namespace {

struct counted_clock {
  static lull::time_point read(const void* self) noexcept {
    ++static_cast<const counted_clock*>(self)->reads;
    return lull::time_point(std::chrono::hours(1));
  }

  mutable std::size_t reads = 0;
};

lull::task<> end_at_once() { co_return; }

// Of one iteration, with so many tasks in each group.
std::size_t clock_reads(unsigned groups, unsigned tasks) {
  counted_clock clock;
  lull::domain domain;
  auto options = test::driven_cores::small_options();
  options.clock = {&counted_clock::read, &clock};
  for (unsigned i = 0; i < groups; ++i) options.groups.push_back({"a group", 100});
  lull::core one(0, domain, options);
  for (unsigned i = 0; i < groups * tasks; ++i) {
    const lull::core::inside here(one);
    one.root().spawn({.group = i % groups}, end_at_once);
  }
  clock.reads = 0;
  one.iterate(lull::when_idle::come_back);
  const std::size_t reads = clock.reads;
  REQUIRE(one.root().size() == 0);
  one.wind_up();
  return reads;
}

}  // namespace

TEST_CASE("an iteration reads the clock once, and once more where the group changes") {
  CHECK(clock_reads(1, 0) == 1);
  CHECK(clock_reads(1, 30) == 1);
  CHECK(clock_reads(2, 15) == 3);
  CHECK(clock_reads(3, 10) == 4);
}

TEST_CASE("32 long tasks ran in each iteration before it looked at the clock") {
  test::driven_cores cores(1);
  lull::core& one = *cores.cores[0];
  {
    const lull::core::inside here(one);
    for (int i = 0; i < 64; ++i) {
      one.root().spawn([&cores]() -> lull::task<> {
        for (int turns = 0; turns < 3; ++turns) {
          co_await lull::yield();
          cores.clock.advance(2ms);
        }
      });
    }
  }
  std::uint64_t most = 0;
  for (int i = 0; one.root().size() != 0; ++i) {
    const std::uint64_t before = one.statistics().resumes;
    cores.turn();
    if (i > 6) most = std::max(most, one.statistics().resumes - before);
  }
  CHECK(most == 1);
}
