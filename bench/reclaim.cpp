// SPDX-License-Identifier: MIT
// What reclamation costs, side by side with what others offer: the program that takes all rows and
// writes them as JSON, and runs single loops for tools that count instructions.
//
// Usage: reclaim [--seconds N]                       measures, and prints the rows as JSON
//        reclaim --count LIBRARY SHAPE OPERATIONS    runs one loop
//        reclaim --participants LIBRARY SHAPE COUNT ROUNDS    drives many; SHAPE is busy or idle

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "reclaim_rows.hpp"

namespace lull::bench {

std::vector<contender> peer_contenders() {
  std::vector<contender> all{liburcu_contender(), ck_contender(), libcds_contender()};
  std::erase_if(all, [](const contender& one) { return one.name == nullptr; });
  return all;
}

namespace {

constexpr std::size_t bursts = 9;

void say_who_is_missing() {
  for (const contender& one : {liburcu_contender(), ck_contender(), libcds_contender()}) {
    if (one.name != nullptr) continue;
    std::fprintf(stderr,
                 "reclaim: built without %s, so that peer is left out: install it and configure "
                 "the build again\n",
                 one.package);
  }
}

int measure_all(double seconds) {
  say_who_is_missing();
  check_that_all_is_released(lull_contender());
  for (const contender& one : peer_contenders()) check_that_all_is_released(one);
  std::printf("{\"rows\":[\n");
  print_timed_rows(seconds * 0.65);
  print_latency_rows(seconds * 0.35);
  print_burst_row(bursts);
  std::printf("]}\n");
  return 0;
}

int count(const std::string& library, const std::string& shape, std::size_t operations) {
  stop_clock_of_lull();
  std::vector<contender> all = peer_contenders();
  all.push_back(lull_contender());
  all.push_back(floor_contender());
  for (const contender& one : all) {
    if (std::string(one.name).rfind(library, 0) != 0) continue;
    if (const auto run = shape_of(one, shape)) {
      run(operations);
      return 0;
    }
  }
  std::fprintf(stderr,
               "reclaim: '%s' of '%s' is not there to be counted; libraries are lull, liburcu, "
               "ck, libcds and floor\n",
               shape.c_str(), library.c_str());
  return 1;
}

int participants(const std::string& library, const std::string& shape, std::size_t count,
                 std::size_t rounds) {
  if (drive_participants(library, shape, count, rounds)) return 0;
  std::fprintf(stderr, "reclaim: there are no %s participants of '%s'\n", shape.c_str(),
               library.c_str());
  return 1;
}

std::size_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace
}  // namespace lull::bench

int main(int argument_count, char** arguments) {
  using namespace lull::bench;
  if (argument_count == 5 && std::strcmp(arguments[1], "--count") == 0) {
    return count(arguments[2], arguments[3], number(arguments[4]));
  }
  if (argument_count == 6 && std::strcmp(arguments[1], "--participants") == 0) {
    return participants(arguments[2], arguments[3], number(arguments[4]), number(arguments[5]));
  }
  if (argument_count == 3 && std::strcmp(arguments[1], "--seconds") == 0) {
    return measure_all(std::strtod(arguments[2], nullptr));
  }
  if (argument_count == 1) return measure_all(12);
  std::fprintf(stderr,
               "usage: reclaim [--seconds N] | reclaim --count LIBRARY SHAPE OPERATIONS | "
               "reclaim --participants LIBRARY SHAPE COUNT ROUNDS\n");
  return 2;
}
