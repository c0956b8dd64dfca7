// SPDX-License-Identifier: MIT
// Sleepers of 1 to 100 ms. A hundred thousand of them at once: the CPU time of the thread for each
// that fires, from when they begin to sleep until all have ended. A thousand: how late they come. A
// turn takes 100 ms, which the thread should spend asleep.

#include <algorithm>
#include <chrono>

#include "sched_contest.hpp"
#include "sched_rows.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

sleeps times_of(std::size_t count) {
  constexpr std::int64_t shortest_ns = 1'000'000;
  constexpr std::uint64_t range_ns = 99'000'000;
  sleeps times(count);
  for (auto& one : times) {
    one = std::chrono::nanoseconds(shortest_ns + (next_random() * range_ns >> 32));
  }
  return times;
}

}  // namespace

void print_timer_rows(double seconds) {
  static const sleeps many = times_of(100'000);
  static const sleeps few = times_of(1000);
  std::vector<entrant> fire;
  std::vector<entrant> late;
  for (const scheduler& one : all_schedulers()) {
    if (one.fire == nullptr) continue;
    fire.push_back({one.name, [run = one.fire]() -> std::vector<double> {
                      return {static_cast<double>(run(many)) / static_cast<double>(many.size())};
                    }});
    late.push_back({one.name, [run = one.lateness]() -> std::vector<double> {
                      std::vector<double> us = run(few);
                      std::sort(us.begin(), us.end());
                      return {quantile(us, 0.5), quantile(us, 0.99)};
                    }});
  }
  compete({.rows = {"timer_fire"}, .seconds = seconds * 0.65}, fire);
  compete({.rows = {"sleep_late_p50", "sleep_late_p99"},
           .unit = "us",
           .seconds = seconds * 0.35,
           .reference = "asio"},  // libuv may come early, by up to a millisecond
          late);
}

}  // namespace lull::bench
