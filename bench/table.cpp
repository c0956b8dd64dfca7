// SPDX-License-Identifier: MIT

// The operations of the hash table, each beside std::unordered_map, which no other core could read.
// The argument is the number of entries. `most_*` counters say what a single write did at most
// towards the next array: constants, whatever the argument.

#include <benchmark/benchmark.h>
#include <lull/tables/hash_table.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using number_table = lull::hash_table<std::uint64_t, std::uint64_t>;
using text_table = lull::hash_table<std::string, std::string>;
using number_map = std::unordered_map<std::uint64_t, std::uint64_t>;
using text_map = std::unordered_map<std::string, std::string>;

std::uint64_t number_key(std::uint64_t i) { return i * 0x9e3779b97f4a7c15; }
std::string text_key(std::uint64_t i) { return "key:" + std::to_string(1000000 + i); }

struct core {
  lull::domain domain;
  lull::participant member{domain};
};

// The keys from `first` on, in an order that no prefetcher follows.
template <class MakeKey>
auto shuffled_keys(std::size_t first, std::size_t count, MakeKey make_key) {
  std::vector<decltype(make_key(0))> keys;
  for (std::size_t i = first; i < first + count; ++i) keys.push_back(make_key(i));
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64(1));
  return keys;
}

void store(number_table& table, std::uint64_t key) { table.insert_or_assign(key, key); }
void store(text_table& table, const std::string& key) { table.insert_or_assign(key, key); }
void store(number_map& map, std::uint64_t key) { map.insert_or_assign(key, key); }
void store(text_map& map, const std::string& key) { map.insert_or_assign(key, key); }

// Lets what moves come to its end.
template <class Table>
void come_to_rest(Table& table, core& owner) {
  if constexpr (requires { table.statistics(); }) {
    while (table.statistics().arrays == 2) {
      table.erase(typename Table::key_type{});
      owner.member.quiescent();
    }
  }
}

template <class Table, class MakeKey>
void find(benchmark::State& state, MakeKey make_key, bool hit) {
  core owner;
  const auto count = static_cast<std::size_t>(state.range(0));
  Table table;
  for (std::size_t i = 0; i < count; ++i) store(table, make_key(i));
  come_to_rest(table, owner);
  const auto keys = shuffled_keys(hit ? 0 : count, count, make_key);
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(keys[at]));
    if (++at == count) at = 0;
  }
}

// Grows a table from nothing, again and again.
template <class Table, class MakeKey>
void insert(benchmark::State& state, MakeKey make_key) {
  core owner;
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto keys = shuffled_keys(0, count, make_key);
  auto table = std::make_unique<Table>();
  std::size_t at = 0;
  for (auto _ : state) {
    store(*table, keys[at]);
    if (++at % 16 == 0) owner.member.quiescent();
    if (at < count) continue;
    state.PauseTiming();
    at = 0;
    table = std::make_unique<Table>();
    while (!owner.member.drive()) continue;
    state.ResumeTiming();
  }
}

template <class Table, class MakeKey>
void replace(benchmark::State& state, MakeKey make_key) {
  core owner;
  const auto count = static_cast<std::size_t>(state.range(0));
  Table table;
  const auto keys = shuffled_keys(0, count, make_key);
  for (const auto& key : keys) store(table, key);
  come_to_rest(table, owner);
  std::size_t at = 0;
  for (auto _ : state) {
    store(table, keys[at]);
    if (++at % 16 == 0) owner.member.quiescent();
    if (at == count) at = 0;
  }
}

// The population stays, but the keys change: tombstones and migrations of the same size included.
template <class Table>
void erase_and_insert(benchmark::State& state) {
  core owner;
  const auto count = static_cast<std::uint64_t>(state.range(0));
  Table table;
  for (std::uint64_t i = 0; i < count; ++i) store(table, number_key(i));
  std::uint64_t at = 0;
  for (auto _ : state) {
    table.erase(number_key(at));
    store(table, number_key(count + at));
    if (++at % 16 == 0) owner.member.quiescent();
  }
}

// What a single insert did at most, while a table grew to so many entries.
void growth_step(benchmark::State& state) {
  core owner;
  const auto count = static_cast<std::uint64_t>(state.range(0));
  lull::table_statistics most;
  for (auto _ : state) {
    number_table table;
    lull::table_statistics before;
    for (std::uint64_t i = 0; i < count; ++i) {
      store(table, number_key(i));
      const lull::table_statistics now = table.statistics();
      most.moved = std::max(most.moved, now.moved - before.moved);
      most.looked_at = std::max(most.looked_at, now.looked_at - before.looked_at);
      most.prepared = std::max(most.prepared, now.prepared - before.prepared);
      before = now;
      if (i % 16 == 0) owner.member.quiescent();
    }
  }
  state.counters["most_moved"] = static_cast<double>(most.moved);
  state.counters["most_looked_at"] = static_cast<double>(most.looked_at);
  state.counters["most_prepared"] = static_cast<double>(most.prepared);
}

constexpr std::int64_t nearest = 1000;
constexpr std::int64_t far = 1000000;

void list(const std::string& name, const std::vector<std::int64_t>& counts,
          void (*run)(benchmark::State&)) {
  for (const std::int64_t count : counts) {
    benchmark::RegisterBenchmark(name.c_str(), run)->Arg(count);
  }
}

template <class Numbers, class Texts>
void list_all(const std::string& kind) {
  using state = benchmark::State;
  const auto named = [&kind](const char* what) { return kind + '/' + what; };
  const std::vector<std::int64_t> both{nearest, far};
  list(named("find_hit_number"), both, [](state& s) { find<Numbers>(s, number_key, true); });
  list(named("find_miss_number"), both, [](state& s) { find<Numbers>(s, number_key, false); });
  list(named("find_hit_text"), both, [](state& s) { find<Texts>(s, text_key, true); });
  list(named("find_miss_text"), both, [](state& s) { find<Texts>(s, text_key, false); });
  list(named("insert_growing_number"), {far}, [](state& s) { insert<Numbers>(s, number_key); });
  list(named("replace_text"), both, [](state& s) { replace<Texts>(s, text_key); });
  list(named("erase_and_insert_number"), both, [](state& s) { erase_and_insert<Numbers>(s); });
}

}  // namespace

int main(int count, char** arguments) {
  list_all<number_table, text_table>("lull");
  list_all<number_map, text_map>("std_unordered_map");
  benchmark::RegisterBenchmark("lull/growth_step", growth_step)
      ->Arg(far)
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
