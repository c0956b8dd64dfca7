// SPDX-License-Identifier: MIT
#include "sched_contest.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <numeric>
#include <random>

#include "finding.hpp"

namespace lull::bench {
namespace {

using turn_values = std::vector<double>;

std::vector<finding> empty_findings(const contest& what, const std::vector<entrant>& all) {
  std::vector<finding> found;
  for (const char* name : what.rows) {
    finding row{.name = name, .unit = what.unit, .reference = what.reference};
    for (std::size_t i = 1; i < all.size(); ++i) row.peers.push_back({.name = all[i].name});
    found.push_back(std::move(row));
  }
  return found;
}

// A peer's value counts beside lull's of the same round.
void note_round(const std::vector<turn_values>& values, std::vector<finding>& found) {
  if (values[0].empty()) return;
  for (std::size_t row = 0; row < found.size(); ++row) {
    found[row].own.push_back(values[0][row]);
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (values[i].empty()) continue;
      competitor& peer = found[row].peers[i - 1];
      peer.values.push_back(values[i][row]);
      peer.ratios.push_back(values[0][row] / values[i][row]);
    }
  }
}

}  // namespace

void compete(const contest& what, const std::vector<entrant>& all) {
  std::vector<finding> found = empty_findings(what, all);
  std::vector<turn_values> values(all.size());
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::minstd_rand random(std::random_device{}());
  for (const entrant& one : all) one.turn();
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(what.seconds);
  for (std::size_t round = 0; round < what.rounds || std::chrono::steady_clock::now() < end;
       ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t visited : order) values[visited] = all[visited].turn();
    note_round(values, found);
  }
  for (const finding& row : found) print(row);
}

std::int64_t thread_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::size_t heap_bytes() {
  const auto found = mallinfo2();
  return found.uordblks + found.hblkhd;
}

}  // namespace lull::bench
