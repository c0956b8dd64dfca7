// SPDX-License-Identifier: MIT
// What scheduling costs, side by side with what others offer: the program that takes all rows and
// writes them as JSON, and runs single loops for tools that count instructions.
//
// Usage: sched [--seconds N]                         measures, and prints the rows as JSON
//        sched --count SCHEDULER ROW OPERATIONS      runs one loop

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "sched_rows.hpp"

namespace lull::bench {

std::vector<scheduler> all_schedulers() {
  std::vector<scheduler> all{lull_scheduler(), bare_scheduler(), asio_scheduler(),
                             libuv_scheduler()};
  std::erase_if(all, [](const scheduler& one) { return one.name == nullptr; });
  return all;
}

namespace {

void say_who_is_missing() {
  for (const scheduler& one : {asio_scheduler(), libuv_scheduler()}) {
    if (one.name != nullptr) continue;
    std::fprintf(stderr,
                 "sched: built without %s, so that peer is left out: install it and configure the "
                 "build again\n",
                 one.package);
  }
}

int measure_all(double seconds) {
  say_who_is_missing();
  std::printf("{\"rows\":[\n");
  print_memory_rows();
  print_loop_rows(seconds * 0.42);
  print_timer_rows(seconds * 0.23);
  print_stall_row(seconds * 0.1);
  print_call_rows(seconds * 0.25);
  std::printf("]}\n");
  return 0;
}

int count(const std::string& name, const std::string& row, std::size_t operations) {
  stop_clock_of_lull();
  for (const scheduler& one : all_schedulers()) {
    if (std::string(one.name).rfind(name, 0) != 0) continue;
    if (const loop run = loop_of(one, row)) {
      run(operations);
      return 0;
    }
  }
  std::fprintf(stderr, "sched: '%s' of '%s' is not there to be counted\n", row.c_str(),
               name.c_str());
  return 1;
}

}  // namespace
}  // namespace lull::bench

int main(int argument_count, char** arguments) {
  using namespace lull::bench;
  if (argument_count == 5 && std::strcmp(arguments[1], "--count") == 0) {
    return count(arguments[2], arguments[3], std::strtoull(arguments[4], nullptr, 10));
  }
  if (argument_count == 3 && std::strcmp(arguments[1], "--seconds") == 0) {
    return measure_all(std::strtod(arguments[2], nullptr));
  }
  if (argument_count == 1) return measure_all(20);
  std::fprintf(stderr, "usage: sched [--seconds N] | sched --count SCHEDULER ROW OPERATIONS\n");
  return 2;
}
