// SPDX-License-Identifier: MIT
// Calls from one core to another and back, and posts without an answer. All contenders are there at
// once, each with a thread of its own on the second CPU; those whose turn it is not sleep.

#include <lull/sched/core.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "processor.hpp"
#include "sched_contest.hpp"
#include "sched_rows.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

constexpr std::size_t calls_a_turn = 20'000;
constexpr std::size_t sleeping_calls_a_turn = 400;
constexpr std::size_t posts_a_turn = 1 << 17;

entrant calling(const char* name, two_threads& who, std::size_t times, double unit_ns) {
  return {name, [&who, times, unit_ns]() -> std::vector<double> {
            std::vector<double> took = who.call(times);
            std::sort(took.begin(), took.end());
            return {quantile(took, 0.5) / unit_ns};
          }};
}

entrant posting(const char* name, posting_threads& who) {
  return {name, [&who]() -> std::vector<double> {
            return {who.post(posts_a_turn) / static_cast<double>(posts_a_turn)};
          }};
}

}  // namespace

void print_call_rows(double seconds) {
  constexpr double ns_per_us = 1000;
  const int own = own_cpu();
  const std::optional<int> other = another_cpu(own);
  pin_to(own);
  if (!other) {
    std::fprintf(stderr, "sched: calls between cores are left out: one CPU is allowed\n");
    return;
  }
  const auto polling = lull_cores(*other, std::chrono::microseconds(100));
  const auto ordinary = lull_cores(*other, core_options{}.poll);
  const auto sleeping = lull_cores(*other, nanoseconds::zero());
  const auto memory = threads_with_memory(*other);
  const auto futex = threads_with_futex(*other);
  const auto asio = asio_contexts(*other);
  compete({.rows = {"call_polling"}, .unit = "us", .seconds = seconds * 0.3},
          {calling("lull", *polling, calls_a_turn, ns_per_us),
           calling("threads", *memory, calls_a_turn, ns_per_us)});
  compete({.rows = {"call_by_default"}, .unit = "us", .seconds = seconds * 0.1},
          {calling("lull", *ordinary, sleeping_calls_a_turn, ns_per_us),
           calling("threads", *memory, calls_a_turn, ns_per_us)});
  std::vector<entrant> asleep{calling("lull", *sleeping, sleeping_calls_a_turn, ns_per_us),
                              calling("threads", *futex, sleeping_calls_a_turn, ns_per_us)};
  std::vector<entrant> posts{posting("lull", *polling)};
  if (asio != nullptr) {
    asleep.push_back(calling("asio", *asio, sleeping_calls_a_turn, ns_per_us));
    posts.push_back(posting("asio", *asio));
  }
  compete(
      {.rows = {"call_sleeping"}, .unit = "us", .seconds = seconds * 0.4, .reference = "threads"},
      asleep);
  compete({.rows = {"post"}, .seconds = seconds * 0.3}, posts);
}

}  // namespace lull::bench
