// SPDX-License-Identifier: MIT
// What the loops of one thread cost: each row runs lull, its peers and the floor in turn, a few
// milliseconds each, in this one process and thread, and takes the ratios inside each round. A
// machine that changes its speed every few seconds changes it for all of them.

#include <chrono>
#include <cstdio>
#include <iterator>
#include <optional>
#include <stop_token>
#include <thread>

#include "processor.hpp"
#include "reclaim_rows.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

using loop = void (*)(std::size_t);

struct row {
  const char* name;
  loop contender::* measured;
  std::size_t operations;                  // a turn
  loop contender::* subtracted = nullptr;  // of the same library
  bool above_floor = false;                // the floor's loop of this shape is subtracted
  bool with_reader = false;                // another thread announces once a microsecond
  const char* reference = nullptr;         // how its name begins; null: the best peer
  contender (*own)() = lull_contender;     // whose the row is
};

constexpr std::size_t turn = 1 << 20;
const row rows[] = {
    {.name = "retire_release_pool",
     .measured = &contender::retire_release_pool,
     .operations = turn},
    {.name = "retire_free_malloc",
     .measured = &contender::retire_free_malloc,
     .operations = turn / 4},
    {.name = "gather_release_pool",
     .measured = &contender::retire_release_pool,
     .operations = turn,
     .own = gathering_contender},
    {.name = "gather_free_malloc",
     .measured = &contender::retire_free_malloc,
     .operations = turn / 4,
     .own = gathering_contender},
    {.name = "announce_unchanged",
     .measured = &contender::announce_unchanged,
     .operations = turn * 2,
     .above_floor = true},
    {.name = "announce_moved",
     .measured = &contender::announce_moved,
     .operations = turn / 8,
     .subtracted = &contender::announce_moved_baseline,
     .reference = "liburcu"},
    {.name = "read", .measured = &contender::read, .operations = turn * 4, .reference = "floor"},
    {.name = "retire_release_pool_with_reader",
     .measured = &contender::retire_release_pool,
     .operations = turn,
     .with_reader = true},
};

double time_of(loop run, std::size_t operations) {
  run(operations / 16);  // what the one before left in the caches is pushed out untimed
  const auto start = std::chrono::steady_clock::now();
  run(operations);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(operations);
}

double cost_of(const contender& library, const row& what) {
  const double whole = time_of(library.*what.measured, what.operations);
  if (what.subtracted == nullptr) return whole;
  return whole - time_of(library.*what.subtracted, what.operations);
}

// A thread that is online in all libraries at once, with iterations of a microsecond, as long as
// this lives.
class reading_thread {
 public:
  reading_thread(std::vector<contender> libraries, int cpu)
      : thread_([all = std::move(libraries), cpu](std::stop_token stop) { run(all, cpu, stop); }) {}

 private:
  static void run(const std::vector<contender>& all, int cpu, const std::stop_token& stop) {
    pin_to(cpu);
    for (const contender& one : all) one.reader_joins();
    while (!stop.stop_requested()) {
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(1);
      while (std::chrono::steady_clock::now() < until) continue;
      for (const contender& one : all) one.reader_announces();
    }
    for (const contender& one : all) one.reader_leaves();
  }

  std::jthread thread_;
};

// What is near nothing above the empty loop makes no ratio, so the ratio of such a row is that of
// the whole loops.
void note_round(const row& what, const std::vector<double>& costs, bool with_floor,
                finding& result) {
  const std::size_t peers = result.peers.size() - (with_floor ? 1 : 0);
  const double floor = with_floor ? costs.back() : 0;
  const double subtracted = what.above_floor ? floor : 0;
  result.own.push_back(costs[0] - subtracted);
  for (std::size_t i = 0; i < result.peers.size(); ++i) {
    result.peers[i].values.push_back(costs[i + 1] - (i < peers ? subtracted : 0));
    result.peers[i].ratios.push_back(costs[0] / costs[i + 1]);
  }
  if (with_floor) result.floor.push_back(floor);
}

// Nothing, where it takes a second CPU and one is allowed.
std::optional<finding> measure(const row& what, double seconds) {
  std::vector<contender> all = peer_contenders();
  all.insert(all.begin(), what.own());
  std::optional<reading_thread> reader;
  if (what.with_reader) {
    const int own = own_cpu();
    const std::optional<int> other = another_cpu(own);
    pin_to(own);
    if (!other) return std::nullopt;
    reader.emplace(all, *other);
  }
  std::erase_if(all, [&](const contender& one) { return one.*what.measured == nullptr; });
  const contender floor = floor_contender();
  const bool with_floor = floor.*what.measured != nullptr;
  if (with_floor) all.push_back(floor);

  finding result{.name = what.name, .reference = what.reference};
  for (std::size_t i = 1; i < all.size(); ++i) result.peers.push_back({.name = all[i].name});
  std::vector<double> costs(all.size());
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (std::size_t round = 0; round < 3 || std::chrono::steady_clock::now() < end; ++round) {
    // Who goes first rotates, so that a drift of the clock within the round favours nobody.
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t visited = (round + i) % all.size();
      costs[visited] = cost_of(all[visited], what);
    }
    note_round(what, costs, with_floor, result);
  }
  const bool compared_with_floor = what.reference != nullptr && floor.name == what.reference;
  if (with_floor && !compared_with_floor) result.peers.pop_back();
  if (compared_with_floor) result.peers.back().listed = false;
  return result;
}

}  // namespace

void print_timed_rows(double seconds) {
  for (const row& what : rows) {
    if (const auto found = measure(what, seconds / std::size(rows))) {
      print(*found);
    } else {
      std::fprintf(stderr, "reclaim: %s is left out: it takes two CPUs, and one is allowed\n",
                   what.name);
    }
  }
}

loop shape_of(const contender& library, const std::string& shape) {
  for (const row& what : rows) {
    if (what.name == shape) return library.*what.measured;
  }
  return nullptr;
}

}  // namespace lull::bench
