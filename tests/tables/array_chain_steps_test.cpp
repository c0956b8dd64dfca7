// SPDX-License-Identifier: MIT
#include <lull/tables/array_chain_steps.hpp>
#include <lull/tables/hash_table.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tracked.hpp"

TEST_CASE("tombstones are reclaimed by a move to an array of the same size") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  // A constant number of keys, each one new: only tombstones pile up.
  std::size_t most_capacity = 0;
  for (int i = 0; i < 100000; ++i) {
    table.insert(i, i);
    if (i >= 300) table.erase(i - 300);
    if (i % 16 == 0) core.quiescent();
    most_capacity = std::max(most_capacity, table.statistics().capacity);
  }
  CHECK(table.size() == 300);
  CHECK(most_capacity <= 1024);
  CHECK(table.statistics().migrations > 5);
  CHECK(table.statistics().migrations < 1000);
}

TEST_CASE("an erased slot before an empty one is empty at once") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table(1000);
  for (int i = 0; i < 100; ++i) table.insert(i, i);
  CHECK(table.statistics().used == 100);
  for (int i = 0; i < 100; ++i) table.erase(i);
  CHECK(table.statistics().used == 0);
}

TEST_CASE("an erased slot is used again by the next key that comes past") {
  struct always_same {
    std::size_t operator()(int) const noexcept { return 1; }
  };
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int, always_same> table(100);
  for (int i = 0; i < 10; ++i) table.insert(i, i);
  table.erase(4);
  CHECK(table.statistics().used == 10);
  table.insert(50, 50);
  CHECK(table.statistics().used == 10);
  for (int i = 0; i < 10; ++i) CHECK(table.contains(i) == (i != 4));
  CHECK(table.contains(50));
}

TEST_CASE("a table that has become almost empty gives its memory back") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  for (int i = 0; i < 50000; ++i) {
    table.insert(i, i);
    core.quiescent();
  }
  const std::size_t large = table.statistics().capacity;
  CHECK(large >= 65536);
  for (int i = 0; i < 50000; ++i) {
    if (i % 500 != 0) table.erase(i);
    core.quiescent();
  }
  CHECK(table.size() == 100);
  CHECK(table.statistics().capacity <= 2048);
  for (int i = 0; i < 50000; i += 500) CHECK(table.contains(i));
}

TEST_CASE("a table as large as expected stays so when it empties") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table(5000);
  const std::size_t capacity = table.statistics().capacity;
  for (int i = 0; i < 30000; ++i) table.insert(i, i);
  for (int i = 0; i < 30000; ++i) table.erase(i);
  CHECK(table.statistics().capacity == capacity);
}

TEST_CASE("keys are erased, replaced and inserted right while their table moves") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  int next = 0;
  while (table.statistics().arrays == 1) {
    table.insert(next, next);
    ++next;
    if (next < 500) continue;
  }
  // Some keys are still in the old array, some in the new: every write meets both kinds.
  std::vector<int> replaced;
  for (int key = 0; key < next; key += 3) {
    CHECK(table.erase(key));
    if (key + 1 < next) CHECK_FALSE(table.insert_or_assign(key + 1, -key));
    CHECK(table.insert(key + 1000000, key));
  }
  for (int key = 0; key < next; key += 3) {
    CHECK_FALSE(table.contains(key));
    if (key + 1 < next) CHECK(*table.find(key + 1) == -key);
    if (key + 2 < next) CHECK(*table.find(key + 2) == key + 2);
    CHECK(*table.find(key + 1000000) == key);
  }
}

TEST_CASE("a retired array and its table are counted in limbo until they are released") {
  lull::domain domain;
  lull::participant core(domain);
  lull::test::other_core reader(domain);
  lull::hash_table<int, int> table;
  for (int i = 0; i < 5000; ++i) table.insert(i, i);
  core.quiescent();
  CHECK(core.statistics().limbo_objects >= table.statistics().migrations);
  CHECK(core.statistics().limbo_bytes >= 4096 * 8);
  while (core.has_limbo()) {
    reader.quiescent();
    core.quiescent();
  }
  CHECK(core.statistics().limbo_bytes == 0);
}
