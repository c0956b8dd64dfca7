// SPDX-License-Identifier: MIT

// Reclamation among cores that sleep in the kernel: a real runtime, and real time, which is printed
// and not asserted.

#include <atomic>
#include <chrono>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/retire.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

using namespace std::chrono_literals;

namespace {

lull::run_options two_sleepy_cores() {
  lull::run_options options;
  const auto processors = lull::all_cores();
  for (unsigned i = 0; i < 2; ++i) options.cores.push_back(processors[i % processors.size()]);
  options.core.ring.submissions = 64;
  options.core.ring.completions = 256;
  options.core.poll = 0ns;
  options.handle_signals = false;
  return options;
}

std::atomic<int> released_on_first{0};
std::atomic<int> released_elsewhere{0};
std::atomic<std::chrono::steady_clock::time_point> last_release{};

struct noted_core {
  static void note() noexcept {
    last_release = std::chrono::steady_clock::now();
    ++(lull::this_core() == 0 ? released_on_first : released_elsewhere);
  }
};
struct at_home_anywhere {
  ~at_home_anywhere() { noted_core::note(); }
};
struct at_home_on_first : lull::homed<at_home_on_first> {
  ~at_home_on_first() { noted_core::note(); }
};

// On core 1, and then waits, asleep, until `count` are released; gives up after ten seconds.
template <class Retire>
void release_beside_a_sleeper(int count, Retire retire) {
  released_on_first = released_elsewhere = 0;
  lull::runtime runtime(two_sleepy_cores());
  std::chrono::steady_clock::time_point retired{};
  const auto released = [] { return released_on_first + released_elsewhere; };
  runtime.run([&]() -> lull::task<> {
    if (lull::this_core() == 0) {
      co_await lull::stop_requested();  // nothing to do, for ever
      co_return;
    }
    co_await retire();
    retired = std::chrono::steady_clock::now();
    // One sleep, long enough for all of it, before anybody looks: a timer wakes core 1 only then.
    co_await lull::sleep(200ms);
    for (int i = 0; i < 1000 && released() < count; ++i) co_await lull::sleep(10ms);
    runtime.request_stop();
  });
  REQUIRE(released() == count);
  const std::chrono::duration<double, std::milli> took = last_release.load() - retired;
  WARN("released " << took.count() << " ms after the retire");
}

}  // namespace

TEST_CASE("with one core asleep for ever and another idle, what was retired is released") {
  release_beside_a_sleeper(10, []() -> lull::task<> {
    co_await lull::sleep(20ms);  // the other one sleeps by now
    for (int i = 0; i < 10; ++i) lull::retire(new at_home_anywhere);
  });
  REQUIRE(released_on_first == 0);
}

TEST_CASE("a home that sleeps for ever is woken for what has come, and releases it there") {
  release_beside_a_sleeper(10, []() -> lull::task<> {
    static at_home_on_first* made[10];
    co_await lull::run_on(0, [] {
      for (auto& one : made) one = new at_home_on_first;
    });
    co_await lull::sleep(20ms);
    for (auto* one : made) lull::retire(one);
  });
  REQUIRE(released_on_first == 10);
  REQUIRE(released_elsewhere == 0);
}

TEST_CASE("a barrier ends although the home of what was retired sleeps for ever") {
  std::atomic<bool> over{false};
  lull::runtime runtime(two_sleepy_cores());
  released_on_first = released_elsewhere = 0;
  runtime.run([&]() -> lull::task<> {
    if (lull::this_core() == 0) {
      co_await lull::stop_requested();
      co_return;
    }
    static at_home_on_first* made = nullptr;
    co_await lull::run_on(0, [] { made = new at_home_on_first; });
    lull::retire(made);
    over = co_await lull::barrier();
    runtime.request_stop();
  });
  REQUIRE(over);
  REQUIRE(released_on_first == 1);
}

TEST_CASE("cores that retire what others made send all of it home, to the last") {
  released_on_first = released_elsewhere = 0;
  std::atomic<int> misplaced{0};
  struct everywhere : lull::homed<everywhere> {
    explicit everywhere(std::atomic<int>& m) : home(lull::this_core()), wrong(&m) {}
    ~everywhere() {
      if (lull::this_core() != home) ++*wrong;
      ++released_elsewhere;
    }
    unsigned home;
    std::atomic<int>* wrong;
  };
  auto options = two_sleepy_cores();
  options.cores.push_back(options.cores[0]);
  lull::runtime runtime(options);
  std::atomic<unsigned> ended{0};
  runtime.run([&]() -> lull::task<> {
    for (unsigned i = 0; i < 200; ++i) {
      auto* mine = new everywhere(misplaced);
      co_await lull::run_on((lull::this_core() + 1 + i) % 3, [mine] { lull::retire(mine); });
    }
    (void)co_await lull::barrier();
    ++ended;
    while (ended < 3) co_await lull::sleep(1ms);  // nobody leaves before all is at home
    (void)co_await lull::barrier();
  });
  REQUIRE(released_elsewhere == 600);
  REQUIRE(misplaced == 0);
}
