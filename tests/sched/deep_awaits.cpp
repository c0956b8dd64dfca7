// SPDX-License-Identifier: MIT
// Tasks that are ready at once and tasks that await one another deeply take no stack and leave
// nothing, at whatever level of optimisation the program is compiled that uses them. The unit tests
// have the configuration's own level; this is compiled at those below it.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/task.hpp>
#include <lull/sched/timeout.hpp>

namespace {

// What the frames of the functions below would not reach without growing the stack.
constexpr std::uintptr_t little_stack = std::uintptr_t{64} << 10;

std::uintptr_t lowest;
std::uintptr_t highest;
int alive = 0;

// A local of each coroutine, which notes where the stack is, at its end too.
struct local {
  local() noexcept {
    ++alive;
    note();
  }
  ~local() {
    --alive;
    note();
  }
  local(const local&) = delete;
  local& operator=(const local&) = delete;

 private:
  static void note() noexcept {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
  }
};

lull::task<int> one() {
  const local here;
  co_return 1;
}

lull::task<int> depth(int levels) {
  const local here;
  if (levels == 0) co_return 0;
  auto below = depth(levels - 1);
  const int reached = co_await std::move(below);
  co_return reached + 1;
}

lull::task<> fails_at(int levels) {
  const local here;
  if (levels == 0) throw std::runtime_error("the deepest");
  auto below = fails_at(levels - 1);
  co_await std::move(below);
}

lull::task<bool> million() {
  int sum = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    auto next = one();
    sum += co_await std::move(next);
  }
  co_return sum == 1'000'000;
}

lull::task<bool> deep() {
  auto down = depth(100'000);
  const int reached = co_await std::move(down);
  co_return reached == 100'000;
}

// An exception costs two microseconds a level: fewer levels.
lull::task<bool> deep_failure() {
  auto down = fails_at(1'000);
  try {
    co_await std::move(down);
  } catch (const std::runtime_error&) {
    co_return true;
  }
  co_return false;
}

lull::task<bool> spawned() {
  lull::scope scope;
  for (int i = 0; i < 100; ++i) scope.spawn(fails_at, i);
  try {
    co_await scope.join();
  } catch (const std::runtime_error&) {
    co_return true;
  }
  co_return false;
}

lull::task<> limited(int levels) {
  const local here;
  if (levels == 0) {
    co_await lull::sleep(std::chrono::hours(1));
    co_return;
  }
  auto below = lull::timeout(std::chrono::hours(1), limited(levels - 1));
  co_await std::move(below);
}

lull::task<> joining(int levels) {
  const local here;
  if (levels == 0) {
    co_await lull::sleep(std::chrono::hours(1));
    co_return;
  }
  lull::scope below;
  below.spawn(joining, levels - 1);
  co_await below.join();
}

lull::task<bool> stopped() {
  lull::scope scope;
  scope.spawn(limited, 100'000);
  scope.spawn(joining, 100'000);
  while (alive < 200'002) co_await lull::yield();
  scope.request_stop();
  co_await scope.join();
  co_return true;
}

using check = lull::task<bool>();

lull::task<> run_all(int& failed) {
  const struct {
    const char* name;
    check* function;
  } checks[] = {
      {"a million ready awaits", million},
      {"recursion 100,000 deep", deep},
      {"an exception from 1,000 deep", deep_failure},
      {"spawned ones that fail", spawned},
      {"a stop 100,000 limits and joins down", stopped},
  };
  for (const auto& each : checks) {
    lowest = UINTPTR_MAX;
    highest = 0;
    auto running = each.function();
    const bool right = co_await std::move(running);
    if (right && alive == 0 && highest - lowest < little_stack) continue;
    ++failed;
    std::printf("%s: %s, %d locals are left, %llu bytes of stack (%llu allowed)\n", each.name,
                right ? "the right result" : "a WRONG result", alive,
                static_cast<unsigned long long>(highest - lowest),
                static_cast<unsigned long long>(little_stack));
  }
}

}  // namespace

int main() {
  int failed = 0;
  lull::run({.cores = {lull::all_cores()[0]}}, [&] { return run_all(failed); });
  std::printf("%d passed, %d failed\n", 5 - failed, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
