// SPDX-License-Identifier: MIT
// The rows of one thread: the same loop of each scheduler, some milliseconds of CPU time in turn.

#include "sched_rows.hpp"

#include <iterator>

#include "sched_contest.hpp"

namespace lull::bench {
namespace {

struct row {
  const char* name;
  loop scheduler::* measured;
  std::size_t operations;  // a turn
  double share = 1;        // of the time
};

constexpr std::size_t turn = 1 << 18;
constexpr std::size_t million = 1'000'000;
const row rows[] = {
    {.name = "task", .measured = &scheduler::task, .operations = turn},
    {.name = "spawn", .measured = &scheduler::spawn, .operations = turn / 4},
    {.name = "spawn_suspended",
     .measured = &scheduler::spawn_suspended,
     .operations = million,
     .share = 3},
    {.name = "resume", .measured = &scheduler::resume, .operations = turn},
    {.name = "switch", .measured = &scheduler::alternate, .operations = turn},
    {.name = "mutex", .measured = &scheduler::mutex, .operations = turn},
    {.name = "mutex_contended", .measured = &scheduler::mutex_contended, .operations = turn},
    {.name = "channel64", .measured = &scheduler::channel_of_64, .operations = turn},
    {.name = "channel1", .measured = &scheduler::channel_of_1, .operations = turn / 2},
    {.name = "timer_arm_cancel",
     .measured = &scheduler::timer_arm_cancel,
     .operations = turn,
     .share = 2},
    {.name = "timer_arm_cancel_random",
     .measured = &scheduler::timer_arm_cancel_random,
     .operations = turn / 4,
     .share = 2},
};

std::vector<double> time_of(loop run, std::size_t operations) {
  const std::int64_t start = thread_time_ns();
  run(operations);
  return {static_cast<double>(thread_time_ns() - start) / static_cast<double>(operations)};
}

void measure(const row& what, double seconds) {
  std::vector<entrant> all;
  for (const scheduler& one : all_schedulers()) {
    const loop run = one.*what.measured;
    if (run == nullptr) continue;
    all.push_back({one.name, [run, &what] { return time_of(run, what.operations); }});
  }
  compete({.rows = {what.name}, .seconds = seconds}, all);
}

}  // namespace

void print_loop_rows(double seconds) {
  double shares = 0;
  for (const row& what : rows) shares += what.share;
  for (const row& what : rows) measure(what, seconds * what.share / shares);
}

loop loop_of(const scheduler& one, const std::string& name) {
  for (const row& what : rows) {
    if (what.name == name) return one.*what.measured;
  }
  return nullptr;
}

}  // namespace lull::bench
