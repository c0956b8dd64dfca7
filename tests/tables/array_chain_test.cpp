// SPDX-License-Identifier: MIT
#include <lull/tables/array_chain.hpp>
#include <lull/tables/hash_table.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "../allocations.hpp"
#include "tracked.hpp"

namespace {

using lull::detail::array_chain;
using lull::detail::slot_array;

// The most that a single write did.
struct most {
  std::uint64_t moved = 0;
  std::uint64_t looked_at = 0;
  std::uint64_t prepared = 0;
  std::size_t allocations = 0;
  std::size_t bytes = 0;
};

template <class Table, class Write>
void measure(const Table& table, most& worst, Write write) {
  const lull::table_statistics before = table.statistics();
  const std::size_t calls = test::allocations();
  const std::size_t bytes = test::allocated_bytes();
  write();
  const lull::table_statistics after = table.statistics();
  worst.moved = std::max(worst.moved, after.moved - before.moved);
  worst.looked_at = std::max(worst.looked_at, after.looked_at - before.looked_at);
  worst.prepared = std::max(worst.prepared, after.prepared - before.prepared);
  worst.allocations = std::max(worst.allocations, test::allocations() - calls);
  worst.bytes = std::max(worst.bytes, test::allocated_bytes() - bytes);
}

// Grows a table to `entries` and shrinks it to nothing again.
most grow_and_shrink(int entries) {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  most worst;
  for (int i = 0; i < entries; ++i) {
    measure(table, worst, [&] { table.insert(i, i); });
    if (i % 8 == 0) core.quiescent();
  }
  CHECK(table.statistics().migrations > 0);
  for (int i = 0; i < entries; ++i) {
    measure(table, worst, [&] { table.erase(i); });
    if (i % 8 == 0) core.quiescent();
  }
  return worst;
}

}  // namespace

TEST_CASE("no write does more than a constant, however large the table is") {
  for (const int entries : {100, 10000, 300000}) {
    CAPTURE(entries);
    const most worst = grow_and_shrink(entries);
    CHECK(worst.moved > 0);
    CHECK(worst.moved <= 8);
    CHECK(worst.looked_at <= 32);
    CHECK(worst.prepared <= 64);
    // An entry, an array, the segments that a step touches, blocks of limbo.
    CHECK(worst.allocations <=
          2 + 1 + array_chain::prepares_per_step / slot_array::segment_slots + 3);
    // The directory of an array, which is not even touched, is all that grows: a word a segment.
    const std::size_t directory =
        4 * static_cast<std::size_t>(entries) / slot_array::segment_slots * 8;
    CHECK(worst.bytes <= slot_array::segment_slots * 8 + 16384 + directory);
  }
}

TEST_CASE("a table with room for what is expected never moves an entry") {
  lull::domain domain;
  lull::participant core(domain);
  for (const std::size_t expected : {1u, 9u, 10u, 1000u, 50000u}) {
    lull::hash_table<std::size_t, int> table(expected);
    for (std::size_t i = 0; i < expected; ++i) table.insert(i, 0);
    CHECK(table.statistics().migrations == 0);
    CHECK(table.statistics().arrays == 1);
    for (std::size_t i = 0; i < expected; ++i) table.erase(i);
    CHECK(table.statistics().migrations == 0);
  }
  CHECK_THROWS_AS((lull::hash_table<int, int>(std::size_t{1} << 60)), std::length_error);
  const std::size_t most = lull::detail::fill_limit(std::size_t{1} << slot_array::most_bits);
  CHECK(lull::detail::bits_for(most - 1) == slot_array::most_bits);
  CHECK_THROWS_AS(lull::detail::bits_for(most), std::length_error);
}

TEST_CASE("each key is found after each write, in the old array or the new one") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  int wrong = 0;
  bool moving = false;
  const auto check_all = [&](int first, int last) {
    for (int key = first; key < last; ++key) {
      const int* found = table.find(key);
      if (found == nullptr || *found != key) ++wrong;
    }
    moving = moving || table.statistics().arrays == 2;
  };
  for (int i = 0; i < 900; ++i) {
    table.insert(i, i);
    check_all(0, i + 1);
    if (i % 5 == 0) core.quiescent();
  }
  CHECK(moving);
  for (int i = 0; i < 900; ++i) {
    table.erase(i);
    check_all(i + 1, 900);
    if (table.contains(i)) ++wrong;
    if (i % 5 == 0) core.quiescent();
  }
  CHECK(wrong == 0);
}
