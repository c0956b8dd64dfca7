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

using fired = std::int64_t (*scheduler::*)(const sleeps& times);

// CPU time for each of many, of those who have it.
std::vector<entrant> who_fires(fired how) {
  static const sleeps many = times_of(100'000);
  std::vector<entrant> all;
  for (const scheduler& one : all_schedulers()) {
    if (one.*how == nullptr) continue;
    all.push_back({one.name, [run = one.*how]() -> std::vector<double> {
                     return {static_cast<double>(run(many)) / static_cast<double>(many.size())};
                   }});
  }
  return all;
}

std::vector<entrant> who_comes_late() {
  static const sleeps few = times_of(1000);
  std::vector<entrant> all;
  for (const scheduler& one : all_schedulers()) {
    if (one.lateness == nullptr) continue;
    all.push_back({one.name, [run = one.lateness]() -> std::vector<double> {
                     std::vector<double> us = run(few);
                     std::sort(us.begin(), us.end());
                     return {quantile(us, 0.5), quantile(us, 0.99)};
                   }});
  }
  return all;
}

entrant naps(const char* name, std::int64_t (*of)(std::size_t, std::chrono::nanoseconds)) {
  return {name, [of]() -> std::vector<double> {
            constexpr std::size_t count = 200;
            constexpr std::chrono::microseconds time(100);
            return {static_cast<double>(of(count, time)) / 1000 / count};
          }};
}

// The tenth longest: the longest few are other work on the CPU.
std::vector<double> longest_look() {
  std::vector<double> us = looks_at_timers_of_lull();
  const auto tenth = us.end() - 10;
  std::nth_element(us.begin(), tenth, us.end());
  return {*tenth};
}

}  // namespace

void print_timer_rows(double seconds) {
  compete({.rows = {"timer_fire"}, .seconds = seconds * 0.4}, who_fires(&scheduler::fire));
  compete({.rows = {"timer_fire_coarse"}, .seconds = seconds * 0.25},
          who_fires(&scheduler::fire_coarse));
  compete({.rows = {"timer_pause"}, .unit = "us", .seconds = 0}, {{"lull", longest_look}});
  compete({.rows = {"sleep_cpu"}, .unit = "us", .seconds = seconds * 0.1},
          {naps("lull", naps_of_lull), naps("a ring by hand", naps_of_ring)});
  compete({.rows = {"sleep_late_p50", "sleep_late_p99"},
           .unit = "us",
           .seconds = seconds * 0.25,
           .reference = "asio"},  // libuv may come early, by up to a millisecond
          who_comes_late());
}

}  // namespace lull::bench
