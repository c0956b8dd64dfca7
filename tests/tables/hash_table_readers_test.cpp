// SPDX-License-Identifier: MIT
#include <lull/tables/hash_table.hpp>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace {

constexpr int lasting_keys = 300;
constexpr int passing_keys = 6000;

// A value that shows when it is not whole, or not the key's.
struct stamped {
  stamped(int of, std::uint64_t at)
      : key(of), version(at), check(sum(of, at)), text(std::to_string(of) + " of some length") {}
  ~stamped() { check = 0; }
  stamped(const stamped&) = default;
  stamped& operator=(const stamped&) = delete;

  static std::uint64_t sum(int of, std::uint64_t at) {
    return (static_cast<std::uint64_t>(of) + 1) * 0x9e3779b97f4a7c15 ^ at;
  }
  bool is_whole(int of) const {
    return key == of && check == sum(of, version) && text == std::to_string(of) + " of some length";
  }

  int key;
  std::uint64_t version;
  std::uint64_t check;
  std::string text;
};

using table_type = lull::hash_table<int, stamped>;

struct shared_state {
  lull::domain domain;
  std::atomic<bool> stop{false};
  std::atomic<int> reading{0};
  std::atomic<std::uint64_t> finds{0};
  std::atomic<int> missing{0};
  std::atomic<int> broken{0};
  std::atomic<int> back_in_time{0};
  std::atomic<int> not_scanned{0};
};

void read_until_stopped(shared_state& shared, const table_type& table, unsigned seed) {
  lull::participant core(shared.domain);
  std::mt19937 random(seed);
  std::vector<std::uint64_t> newest(lasting_keys);
  shared.reading.fetch_add(1);
  std::uint64_t finds = 0;
  while (!shared.stop.load()) {
    for (int i = 0; i < 20; ++i, ++finds) {
      const int lasting = static_cast<int>(random() % lasting_keys);
      const stamped* found = table.find(lasting);
      if (found == nullptr) {
        shared.missing.fetch_add(1);
      } else {
        if (!found->is_whole(lasting)) shared.broken.fetch_add(1);
        auto& last = newest[static_cast<std::size_t>(lasting)];
        if (found->version < last) shared.back_in_time.fetch_add(1);
        last = found->version;
      }
      const int passing = lasting_keys + static_cast<int>(random() % passing_keys);
      const stamped* other = table.find(passing);
      if (other != nullptr && !other->is_whole(passing)) shared.broken.fetch_add(1);
    }
    core.quiescent();
  }
  shared.finds.fetch_add(finds);
}

void scan_until_stopped(shared_state& shared, const table_type& table) {
  lull::participant core(shared.domain);
  shared.reading.fetch_add(1);
  while (!shared.stop.load()) {
    std::unordered_set<int> seen;
    std::uint64_t cursor = 0;
    do {
      cursor = table.scan(cursor, 100, [&](int key, const stamped& value) {
        if (!value.is_whole(key)) shared.broken.fetch_add(1);
        if (key < lasting_keys) seen.insert(key);
      });
      core.quiescent();
    } while (cursor != 0);
    if (seen.size() != lasting_keys) shared.not_scanned.fetch_add(1);
  }
}

// A wave: the table grows to all passing keys and empties again, while lasting ones are replaced.
void write_wave(table_type& table, lull::participant& core, int wave, std::uint64_t& version) {
  std::mt19937 random(static_cast<unsigned>(wave));
  for (int i = 0; i < passing_keys; ++i) {
    const int key = lasting_keys + i;
    table.insert_or_assign(key, stamped(key, version));
    const int lasting = static_cast<int>(random() % lasting_keys);
    if (i % 4 == 0) table.insert_or_assign(lasting, stamped(lasting, ++version));
    if (i % 8 == 0) core.quiescent();
  }
  for (int i = 0; i < passing_keys; ++i) {
    table.erase(lasting_keys + (wave % 2 == 0 ? i : passing_keys - 1 - i));
    if (i % 8 == 0) core.quiescent();
  }
}

}  // namespace

TEST_CASE("readers find every lasting key, whole and never older, while the owner writes") {
  shared_state shared;
  lull::participant core(shared.domain);
  table_type table;
  for (int i = 0; i < lasting_keys; ++i) table.insert(i, stamped(i, 0));
  std::vector<std::thread> readers;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    readers.emplace_back([&, seed] { read_until_stopped(shared, table, seed); });
  }
  readers.emplace_back([&] { scan_until_stopped(shared, table); });
  while (shared.reading.load() < 4) std::this_thread::yield();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  int wave = 0;
  std::uint64_t version = 1;
  do {
    write_wave(table, core, wave, version);
  } while (++wave < 20 && std::chrono::steady_clock::now() < until);
  shared.stop.store(true);
  for (std::thread& reader : readers) reader.join();
  CHECK(shared.missing.load() == 0);
  CHECK(shared.broken.load() == 0);
  CHECK(shared.back_in_time.load() == 0);
  CHECK(shared.not_scanned.load() == 0);
  CHECK(shared.finds.load() > 0);
  CHECK(table.statistics().migrations > 5);
  CHECK(table.size() == lasting_keys);
}

TEST_CASE("readers that are in a table while it is cleared see all of it or none") {
  shared_state shared;
  lull::participant core(shared.domain);
  table_type table;
  std::thread reader([&] { read_until_stopped(shared, table, 5); });
  while (shared.reading.load() < 1) std::this_thread::yield();
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 100 + round; ++i) {
      table.insert(i, stamped(i, static_cast<std::uint64_t>(round)));
    }
    core.quiescent();
    table.clear();
    core.quiescent();
  }
  shared.stop.store(true);
  reader.join();
  CHECK(shared.broken.load() == 0);
  CHECK(shared.back_in_time.load() == 0);
  CHECK(table.empty());
}
