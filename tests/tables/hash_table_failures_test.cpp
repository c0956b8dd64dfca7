// SPDX-License-Identifier: MIT
#include <lull/tables/hash_table.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "../allocations.hpp"
#include "tracked.hpp"

namespace {

using lull::test::other_core;
using lull::test::tracked;

// Long enough to be allocated.
std::string long_text(int number) { return "a text that is not short: " + std::to_string(number); }

using text_table = lull::hash_table<std::string, std::string>;
using reference = std::map<std::string, std::string>;

bool equal(const text_table& table, const reference& expected) {
  if (table.size() != expected.size()) return false;
  for (const auto& [key, value] : expected) {
    const std::string* found = table.find(key);
    if (found == nullptr || *found != value) return false;
  }
  std::size_t visited = 0;
  table.for_each([&](const std::string&, const std::string&) { ++visited; });
  return visited == expected.size();
}

// Runs `write` with each of its allocations failing in turn, until it gets through. Returns how
// often it threw; each time nothing may have changed.
template <class Write>
int fail_each(const text_table& table, const reference& before, test::failing how, Write write) {
  for (int at = 0;; ++at) {
    REQUIRE(at < 100);
    try {
      const test::failing_allocations few(static_cast<std::size_t>(at), how);
      write();
      return at;
    } catch (const std::bad_alloc&) {}
    if (!equal(table, before)) FAIL("a write that threw at allocation " << at << " left a trace");
  }
}

// Its constructor retires a number of objects, and takes all memory away after that.
struct retiring_value {
  static inline std::optional<test::failing_allocations> no_memory;

  explicit retiring_value(int count) : number(count) {
    for (int i = 0; i < count; ++i) lull::retire(std::make_unique<int>(i));
    if (count > 0) no_memory.emplace(0);
  }

  int number;
};

}  // namespace

TEST_CASE("a value whose constructor retired much used up the room for the one that it replaced") {
  test::need_allocations();
  int times = 0;
  for (int count = 1; count < 1200; ++count) {
    lull::domain domain;
    lull::participant core(domain);
    lull::hash_table<int, retiring_value> table;
    table.try_emplace(1, 0);
    bool threw = false;
    try {
      table.insert_or_assign(1, count);
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    retiring_value::no_memory.reset();
    REQUIRE(table.find(1)->number == (threw ? 0 : count));
    times += threw;
  }
  CHECK(times > 0);
}

TEST_CASE("a write whose memory cannot be had throws and changes nothing, at any of its steps") {
  test::need_allocations();
  for (const test::failing how : {test::failing::once, test::failing::from_then_on}) {
    lull::domain domain;
    lull::participant core(domain);
    other_core reader(domain);  // keeps the limbo growing, so that its blocks run out too
    text_table table;
    reference expected;
    std::mt19937_64 random(3);
    int threw = 0;
    for (int i = 0; i < 1500; ++i) {
      const int operation = static_cast<int>(random() % 8);
      const std::string key = long_text(static_cast<int>(random() % 150));
      const std::string value = long_text(i);
      if (operation < 4) {
        threw += fail_each(table, expected, how, [&] { table.insert_or_assign(key, value); });
        expected[key] = value;
      } else if (operation < 5) {
        threw += fail_each(table, expected, how, [&] { table.try_emplace(key, value); });
        expected.try_emplace(key, value);
      } else if (operation < 7 || random() % 20 != 0) {
        threw += fail_each(table, expected, how, [&] { table.erase(key); });
        expected.erase(key);
      } else {
        threw += fail_each(table, expected, how, [&] { table.clear(); });
        expected.clear();
      }
      REQUIRE(equal(table, expected));
      if (i % 400 == 0) {
        core.quiescent();
        reader.quiescent();
      }
    }
    CHECK(threw > 1000);
  }
}

TEST_CASE("without memory for the next array a table goes on until it is full, and then recovers") {
  test::need_allocations();
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int> table;
  int stored = 0;
  // An insert allocates its entry first or the next array first: the array is denied.
  for (bool full = false; !full;) {
    REQUIRE(stored < 100);
    try {
      const test::failing_allocations one(table.statistics().used >= 10 ? 0 : 1000,
                                          test::failing::once);
      table.insert(stored, stored);
      ++stored;
    } catch (const std::bad_alloc&) {
      full = true;
    }
  }
  CHECK(stored == 14);
  CHECK(table.statistics().capacity == 16);
  for (int i = 0; i < stored; ++i) CHECK(table.contains(i));
  CHECK_FALSE(table.contains(stored));
  CHECK(table.erase(0));  // and an erase works, although nothing may be allocated for long
  for (; stored < 1000; ++stored) CHECK(table.insert(stored, stored));
  CHECK(table.size() == 999);
}

TEST_CASE("a table that outgrew its plan while memory was short makes another plan") {
  test::need_allocations();
  constexpr std::size_t segment_slots = lull::detail::slot_array::segment_slots;
  // What is prepared before a segment is missing.
  constexpr std::size_t part =
      std::max(segment_slots, lull::detail::array_chain::prepares_per_step);
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<std::size_t, int> table;
  std::size_t next = 0;
  while (table.statistics().capacity < 4 * part) table.insert(next++, 0);
  while (table.statistics().arrays == 2) table.insert(next++, 0);
  // It begins to shrink to half: two parts, of which the second cannot be had...
  const lull::table_statistics large = table.statistics();
  std::size_t erased = 0;
  while (table.statistics().prepared == large.prepared) table.erase(erased++);
  {
    const test::denied_allocations denied(segment_slots * sizeof(std::uint64_t));
    while (table.size() < large.capacity / 2) table.insert(next++, 0);
    CHECK(table.statistics().migrations == large.migrations);
    CHECK(table.statistics().prepared - large.prepared == part);
  }
  // ...until there is no room in the half for what was inserted meanwhile.
  while (table.size() < large.capacity) table.insert(next++, 0);
  CHECK(table.statistics().capacity == 2 * large.capacity);
  std::size_t missing = 0;
  for (std::size_t i = erased; i < next; ++i) missing += table.contains(i) ? 0 : 1;
  CHECK(missing == 0);
  CHECK(table.size() == next - erased);
}

TEST_CASE("a constructor that throws leaves the table as it was") {
  struct throwing {
    explicit throwing(int number) {
      if (number < 0) throw std::runtime_error("no");
    }
  };
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, throwing> table;
  CHECK(table.try_emplace(1, 1));
  CHECK_THROWS_AS(table.try_emplace(2, -1), std::runtime_error);
  CHECK_THROWS_AS(table.insert_or_assign(1, -1), std::runtime_error);
  CHECK(table.size() == 1);
  CHECK(table.contains(1));
  CHECK_FALSE(table.contains(2));
}

TEST_CASE("a table that cannot be made throws and leaks nothing") {
  test::need_allocations();
  lull::domain domain;
  lull::participant core(domain);
  for (std::size_t at = 0;; ++at) {
    REQUIRE(at < 50);
    const test::failing_allocations one(at, test::failing::once);
    try {
      const lull::hash_table<int, int> table(100);
      break;
    } catch (const std::bad_alloc&) {}
  }
}
