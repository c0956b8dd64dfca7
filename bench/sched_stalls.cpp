// SPDX-License-Identifier: MIT
// What looking for stalls costs: a core that is busy for a while, in a runtime with the detector
// and in one without. The CPU time is the whole process's, the thread that looks included.

#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include <time.h>

#include <chrono>
#include <cstdint>

#include "sched_contest.hpp"
#include "sched_rows.hpp"

namespace lull::bench {
namespace {

constexpr std::chrono::milliseconds turn(100);

std::int64_t process_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

task<> be_busy(std::uint64_t* switches) {
  const auto end = std::chrono::steady_clock::now() + turn;
  do {
    for (int i = 0; i < 1000; ++i, ++*switches) co_await yield();
  } while (std::chrono::steady_clock::now() < end);
}

// CPU time a switch.
double busy_runtime(nanoseconds stall_threshold) {
  run_options options;
  options.cores = {all_cores()[0]};
  options.handle_signals = false;
  options.stall_threshold = stall_threshold;
  options.shutdown_limit = nanoseconds::zero();  // so that nothing else is looked at
  std::uint64_t switches = 0;
  const std::int64_t start = process_time_ns();
  runtime(std::move(options)).run([&switches] { return be_busy(&switches); });
  return static_cast<double>(process_time_ns() - start) / static_cast<double>(switches);
}

}  // namespace

void print_stall_row(double seconds) {
  const nanoseconds by_default = run_options{}.stall_threshold;
  compete(
      {.rows = {"stall_detector"}, .seconds = seconds, .rounds = 9},
      {{"lull", [=]() -> std::vector<double> { return {busy_runtime(by_default)}; }},
       {"lull without it", [] { return std::vector<double>{busy_runtime(nanoseconds::zero())}; }}});
}

}  // namespace lull::bench
