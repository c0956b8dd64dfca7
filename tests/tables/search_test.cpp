// SPDX-License-Identifier: MIT
#include <lull/tables/hash_table.hpp>
#include <lull/tables/search.hpp>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>
#include <set>

#include "tracked.hpp"

namespace {

using table_of_numbers = lull::hash_table<int, int>;

// Scans `table` in portions, with `between` after each, and returns how often each key came.
template <class Table, class Between>
std::map<int, int> scan_all(const Table& table, std::size_t steps, Between between) {
  std::map<int, int> seen;
  std::uint64_t cursor = 0;
  do {
    cursor = table.scan(cursor, steps, [&](int key, int) { ++seen[key]; });
    between();
  } while (cursor != 0);
  return seen;
}

struct last_place {
  using mixes_well = void;
  std::uint64_t operator()(int key) const noexcept {
    return ~std::uint64_t{0} - static_cast<std::uint64_t>(key % 3);
  }
};

}  // namespace

TEST_CASE("a scan of a table at rest visits each key once") {
  lull::domain domain;
  lull::participant core(domain);
  for (const int count : {0, 1, 9, 700, 5000}) {
    table_of_numbers table;
    for (int i = 0; i < count; ++i) table.insert(i, i);
    for (const std::size_t steps : {std::size_t{1}, std::size_t{10}, std::size_t{1000}}) {
      CAPTURE(count, steps);
      const std::map<int, int> seen = scan_all(table, steps, [] {});
      CHECK(seen.size() == static_cast<std::size_t>(count));
      int more_than_once = 0;
      for (const auto& [key, times] : seen) more_than_once += times != 1;
      CHECK(more_than_once == 0);
    }
  }
}

TEST_CASE("a scan returns every key that is there all the time, while the table grows") {
  lull::domain domain;
  lull::participant core(domain);
  table_of_numbers table;
  for (int i = 0; i < 1000; ++i) table.insert(i, i);
  int next = 1000;
  const std::map<int, int> seen = scan_all(table, 7, [&] {
    for (int i = 0; i < 100 && next < 30000; ++i, ++next) table.insert(next, next);
    core.quiescent();
  });
  CHECK(table.statistics().capacity > 16384);
  int missing = 0;
  for (int i = 0; i < 1000; ++i) missing += seen.count(i) == 0;
  CHECK(missing == 0);
}

TEST_CASE("a scan returns every key that is there all the time, while the table shrinks") {
  lull::domain domain;
  lull::participant core(domain);
  table_of_numbers table;
  for (int i = 0; i < 20000; ++i) table.insert(i, i);
  int next = 0;
  const std::map<int, int> seen = scan_all(table, 16, [&] {
    for (int i = 0; i < 50 && next < 20000; ++i, ++next) {
      if (next % 40 != 0) table.erase(next);
    }
    core.quiescent();
  });
  CHECK(table.statistics().capacity <= 8192);
  int missing = 0;
  for (int i = 0; i < 20000; i += 40) missing += seen.count(i) == 0;
  CHECK(missing == 0);
}

TEST_CASE("random writes between the portions of a scan hide no lasting key") {
  lull::domain domain;
  lull::participant core(domain);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    table_of_numbers table;
    const int lasting = static_cast<int>(random() % 200);
    for (int i = 0; i < lasting; ++i) table.insert(i, i);
    const int range = 10 << (random() % 10);
    const std::map<int, int> seen = scan_all(table, 1 + random() % 20, [&] {
      for (int i = 0; i < 20; ++i) {
        const int key = 1000 + static_cast<int>(random() % static_cast<std::uint64_t>(range));
        if (random() % 2 == 0) {
          table.insert(key, key);
        } else {
          table.erase(key);
        }
      }
      if (lasting > 0) table.insert_or_assign(static_cast<int>(random() % 1000) % lasting, 0);
      core.quiescent();
    });
    int missing = 0;
    for (int i = 0; i < lasting; ++i) missing += seen.count(i) == 0;
    CHECK(missing == 0);
  }
}

TEST_CASE("any number is a cursor, and the low 16 bits of a real one are zero") {
  lull::domain domain;
  lull::participant core(domain);
  table_of_numbers table;
  for (int i = 0; i < 3000; ++i) table.insert(i, i);
  std::uint64_t cursor = 0;
  do {
    cursor = table.scan(cursor, 3, [](int, int) {});
    REQUIRE((cursor & 0xffff) == 0);
  } while (cursor != 0);
  std::mt19937_64 random(5);
  for (int i = 0; i < 1000; ++i) table.scan(random(), 1, [](int, int) {});
  for (int i = 0; i < 1000; ++i) {
    int rounds = 0;
    // Not one of a table that has many more places than this one: that would take as many steps.
    for (cursor = (random() | 1) & ~(std::uint64_t{0x38} << 16); cursor != 0 && rounds < 20000;
         ++rounds) {
      cursor = table.scan(cursor, 0, [](int, int) {});
      if (i > 3) break;
    }
    CHECK(rounds < 20000);
  }
  CHECK(table.scan(~std::uint64_t{0}, 1, [](int, int) {}) == 0);
}

TEST_CASE("the owner may write to the table that it scans") {
  lull::domain domain;
  lull::participant core(domain);
  table_of_numbers table;
  for (int i = 0; i < 5000; ++i) table.insert(i, i);
  table.for_each([&](int key, int) {
    if (key < 5000) {
      table.erase(key);
      table.insert(key + 5000, key);
    }
  });
  CHECK(table.size() == 5000);
  for (int i = 0; i < 5000; ++i) REQUIRE(table.contains(i + 5000));
}

TEST_CASE("keys that all collide at the end of the table go around it, and are found and scanned") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int, last_place> table;
  for (int i = 0; i < 200; ++i) table.insert(i, i);
  for (int i = 0; i < 200; ++i) CHECK(table.contains(i));
  CHECK(scan_all(table, 1, [] {}).size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(table.erase(i));
  CHECK(scan_all(table, 1, [] {}).empty());
}
