// SPDX-License-Identifier: MIT
// What reclamation costs, side by side: each row runs lull, batched liburcu and the floor in turn,
// a few milliseconds each, in this one process and thread, and takes the ratio inside each turn. A
// machine that changes its speed every few seconds changes it for all of them.
//
// Usage: reclaim [--seconds N]                       measures, and prints the rows as JSON
//        reclaim --count LIBRARY SHAPE OPERATIONS    runs one loop, for tools that count
//        instructions

#include <sched.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "reclaim_shapes.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

using loop = void (*)(std::size_t);

struct row {
  const char* name;
  loop contender::* measured;
  loop contender::* subtracted;  // of the same library; null: nothing
  bool above_floor;              // the floor's loop of this shape is subtracted
  bool with_reader;              // another thread announces once a microsecond
  std::size_t operations;        // a turn
};

constexpr std::size_t turn = 1 << 20;
const row rows[] = {
    {"retire_release_pool", &contender::retire_release_pool, nullptr, false, false, turn},
    {"retire_free_malloc", &contender::retire_free_malloc, nullptr, false, false, turn / 4},
    {"announce_unchanged", &contender::announce_unchanged, nullptr, true, false, turn * 4},
    {"announce_moved", &contender::announce_moved, &contender::announce_moved_baseline, false,
     false, turn / 8},
    {"retire_release_pool_with_reader", &contender::retire_release_pool, nullptr, false, true,
     turn},
};

double time_of(loop run, std::size_t operations) {
  run(operations / 16);  // what the one before left in the caches is pushed out untimed
  const auto start = std::chrono::steady_clock::now();
  run(operations);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(operations);
}

// In ns an operation. What is near nothing above the empty loop makes no ratio, so the ratio of
// such a row is that of the whole loops.
struct cost {
  double reported = 0;
  double compared = 0;
};

cost cost_of(const contender& library, const contender& floor, const row& what) {
  const double whole = time_of(library.*what.measured, what.operations);
  if (what.above_floor) return {whole - time_of(floor.*what.measured, what.operations), whole};
  if (what.subtracted == nullptr) return {whole, whole};
  const double rest = whole - time_of(library.*what.subtracted, what.operations);
  return {rest, rest};
}

struct samples {
  std::vector<double> lull;
  std::vector<double> peer;
  std::vector<double> floor;
  std::vector<double> ratio;
};

// A thread that is online in all libraries at once, with iterations of a microsecond, as long as
// this lives.
class reading_thread {
 public:
  reading_thread(const contender& mine, const contender& peer)
      : thread_([mine, peer](std::stop_token stop) { run(mine, peer, stop); }) {}

 private:
  static void run(const contender& mine, const contender& peer, const std::stop_token& stop) {
    // Let it have all cores: the measuring thread was pinned to one of them by the caller.
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all);
    mine.reader_joins();
    if (peer.name != nullptr) peer.reader_joins();
    while (!stop.stop_requested()) {
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(1);
      while (std::chrono::steady_clock::now() < until) continue;
      mine.reader_announces();
      if (peer.name != nullptr) peer.reader_announces();
    }
    if (peer.name != nullptr) peer.reader_leaves();
    mine.reader_leaves();
  }

  std::jthread thread_;
};

samples measure(const row& what, double seconds) {
  const contender mine = lull_contender();
  const contender peer = liburcu_contender();
  std::optional<reading_thread> reader;
  if (what.with_reader) reader.emplace(mine, peer);
  const contender floor = floor_contender();
  samples result;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (std::size_t round = 0; round < 3 || std::chrono::steady_clock::now() < end; ++round) {
    cost own;
    cost other;
    // Who goes first alternates, so that a drift of the clock within the round favours nobody.
    if (round % 2 == 0) own = cost_of(mine, floor, what);
    if (peer.name != nullptr) other = cost_of(peer, floor, what);
    if (round % 2 == 1) own = cost_of(mine, floor, what);
    result.lull.push_back(own.reported);
    if (peer.name != nullptr) {
      result.peer.push_back(other.reported);
      result.ratio.push_back(own.compared / other.compared);
    }
    if (floor.*what.measured != nullptr) {
      result.floor.push_back(time_of(floor.*what.measured, what.operations));
    }
  }
  return result;
}

void print_row(const row& what, const samples& found, bool last) {
  const spread own = spread_of(found.lull);
  std::printf("{\"name\":\"%s\",\"value\":%.3f,\"low\":%.3f,\"high\":%.3f,\"unit\":\"ns\",",
              what.name, own.median, own.low, own.high);
  if (found.ratio.empty()) {
    std::printf("\"reference\":null,\"ratio\":null");
  } else {
    const spread ratio = spread_of(found.ratio);
    std::printf(
        "\"reference\":\"%s\",\"reference_value\":%.3f,"
        "\"ratio\":%.3f,\"ratio_low\":%.3f,\"ratio_high\":%.3f",
        liburcu_contender().name, spread_of(found.peer).median, ratio.median, ratio.low,
        ratio.high);
  }
  if (!found.floor.empty()) std::printf(",\"floor\":%.3f", spread_of(found.floor).median);
  std::printf("}%s\n", last ? "" : ",");
  std::fflush(stdout);
}

int measure_all(double seconds) {
  if (liburcu_contender().name == nullptr) {
    std::fprintf(stderr,
                 "reclaim: built without liburcu, so the ratios are left out: install "
                 "liburcu-dev and configure the build again\n");
  }
  std::printf("{\"rows\":[\n");
  for (const row& what : rows) {
    print_row(what, measure(what, seconds / std::size(rows)), &what == std::end(rows) - 1);
  }
  std::printf("]}\n");
  return 0;
}

int count(const std::string& library, const std::string& shape, std::size_t operations) {
  const contender candidates[] = {lull_contender(), liburcu_contender(), floor_contender()};
  for (const contender& one : candidates) {
    if (one.name == nullptr || std::string(one.name).rfind(library, 0) != 0) continue;
    for (const row& what : rows) {
      if (what.name != shape || one.*what.measured == nullptr) continue;
      (one.*what.measured)(operations);
      return 0;
    }
  }
  std::fprintf(stderr,
               "reclaim: '%s' of '%s' is not there to be counted; libraries are lull, "
               "liburcu and floor\n",
               shape.c_str(), library.c_str());
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
  if (argument_count == 1) return measure_all(12);
  std::fprintf(stderr, "usage: reclaim [--seconds N] | reclaim --count LIBRARY SHAPE OPERATIONS\n");
  return 2;
}
