// SPDX-License-Identifier: MIT
#include <lull/tables/hash_table.hpp>

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tracked.hpp"

namespace {

using lull::test::other_core;
using lull::test::settle;
using lull::test::tracked;

std::string text_key(std::uint64_t number) { return "key:" + std::to_string(number); }

// One of the operations on both; true when they agree.
template <class Table, class Reference, class Key>
bool same_step(Table& table, Reference& reference, const Key& key, unsigned operation,
               std::uint64_t value) {
  if (operation < 35) {
    const bool fresh = reference.insert_or_assign(key, value).second;
    return table.insert_or_assign(key, value) == fresh;
  }
  if (operation < 50)
    return table.try_emplace(key, value) == reference.try_emplace(key, value).second;
  if (operation < 80) return table.erase(key) == (reference.erase(key) == 1);
  const auto at = reference.find(key);
  const std::uint64_t* found = table.find(key);
  if (at == reference.end()) return found == nullptr;
  return found != nullptr && *found == at->second;
}

template <class Key, class MakeKey>
void compare_with_reference(std::uint64_t keys, unsigned operations, std::uint64_t seed,
                            MakeKey make_key) {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<Key, std::uint64_t> table;
  std::unordered_map<Key, std::uint64_t> reference;
  std::mt19937_64 random(seed);
  unsigned wrong = 0;
  for (unsigned i = 0; i < operations; ++i) {
    // Waves of growing and of shrinking, and now and then everything goes.
    const unsigned bias = (i / 20000) % 2 == 0 ? 0 : 25;
    const auto operation = static_cast<unsigned>(random() % 75) + bias;
    if (!same_step(table, reference, make_key(random() % keys), operation, random())) ++wrong;
    if (random() % 50000 == 0) {
      table.clear();
      reference.clear();
    }
    if (i % 16 == 0) core.quiescent();
  }
  CHECK(wrong == 0);
  CHECK(table.size() == reference.size());
  std::size_t visited = 0;
  table.for_each([&](const Key& key, std::uint64_t value) {
    const auto at = reference.find(key);
    if (at == reference.end() || at->second != value) ++wrong;
    ++visited;
  });
  CHECK(wrong == 0);
  CHECK(visited == reference.size());
}

}  // namespace

TEST_CASE("a table does what std::unordered_map does, over random operations") {
  const auto as_number = [](std::uint64_t number) { return number; };
  for (const std::uint64_t keys : {8u, 100u, 3000u, 40000u}) {
    CAPTURE(keys);
    compare_with_reference<std::uint64_t>(keys, 200000, 1 + keys, as_number);
  }
  compare_with_reference<std::string>(5000, 200000, 7, text_key);
}

TEST_CASE("what a reader found stays until its next quiescent state, erased or replaced") {
  lull::domain domain;
  lull::participant core(domain);
  other_core reader(domain);
  lull::hash_table<int, tracked> table;
  table.try_emplace(1, 10);
  table.try_emplace(2, 20);
  const tracked* erased = reader.run([&] { return table.find(1).get(); });
  const tracked* replaced = reader.run([&] { return table.find(2).get(); });
  CHECK(table.erase(1));
  CHECK_FALSE(table.insert_or_assign(2, 21));
  settle(core);
  CHECK(tracked::alive == 3);
  CHECK(erased->number == 10);
  CHECK(replaced->number == 20);
  CHECK(reader.run([&] { return table.find(1).get(); }) == nullptr);
  CHECK(reader.run([&] { return table.find(2)->number; }) == 21);
  reader.quiescent();
  settle(core);
  reader.quiescent();
  settle(core);
  CHECK(tracked::alive == 1);
}

TEST_CASE("a key may be looked up, inserted and erased by whatever compares with it") {
  using namespace std::literals;
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<std::string, int> table;
  CHECK(table.insert("one"sv, 1));
  CHECK(table.insert_or_assign("two", 2));
  CHECK(table.try_emplace("three"s, 3));
  CHECK_FALSE(table.insert("one", 5));
  CHECK(*table.find("one") == 1);
  CHECK(*table.find("two"sv) == 2);
  CHECK(*table.find("three"s) == 3);
  CHECK(table.contains("two"sv));
  CHECK(table.erase("two"sv));
  CHECK_FALSE(table.contains("two"));
  lull::hash_table<std::uint64_t, int> numbers;
  CHECK(numbers.insert(7, 1));
  CHECK(numbers.contains(std::uint8_t{7}));
}

TEST_CASE("a number that the key cannot say was inserted again and again, and never found") {
  lull::domain domain;
  lull::participant owner(domain);
  lull::hash_table<std::uint32_t, int> table;
  const std::uint64_t large = (std::uint64_t{1} << 32) + 5;
  CHECK(table.insert_or_assign(large, 1));
  CHECK_FALSE(table.insert_or_assign(large, 2));
  CHECK_FALSE(table.insert(5, 3));
  CHECK(table.size() == 1);
  CHECK(*table.find(large) == 2);
  CHECK(*table.find(5U) == 2);
  CHECK(table.erase(large));
  CHECK_FALSE(table.contains(large));
}

TEST_CASE("the hash can be computed once and handed to each operation") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<std::string, int> table;
  const std::uint64_t hash = table.hash("key");
  CHECK(table.insert(hash, "key", 1));
  CHECK_FALSE(table.insert(hash, "key", 2));
  CHECK(*table.find(hash, "key") == 1);
  CHECK_FALSE(table.insert_or_assign(hash, "key", 3));
  CHECK(*table.find("key") == 3);
  CHECK(table.erase(hash, "key"));
  CHECK(table.empty());
}

TEST_CASE("a hash under which all keys collide is slow and right") {
  struct always_same {
    std::size_t operator()(int) const noexcept { return 42; }
  };
  struct in_steps {
    std::size_t operator()(int key) const noexcept { return static_cast<std::size_t>(key) << 32; }
  };
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, int, always_same> table;
  lull::hash_table<int, int, in_steps> other;
  for (int i = 0; i < 500; ++i) {
    REQUIRE(table.insert(i, i));
    REQUIRE(other.insert(i, i));
  }
  for (int i = 0; i < 500; i += 2) REQUIRE(table.erase(i));
  int wrong = 0;
  for (int i = 0; i < 500; ++i) {
    if (table.contains(i) != (i % 2 == 1) || *other.find(i) != i) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(table.size() == 250);
}

TEST_CASE("try_emplace builds nothing and takes nothing when the key is there") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, std::unique_ptr<int>> table;
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  CHECK(table.try_emplace(5, std::move(first)));
  CHECK_FALSE(table.try_emplace(5, std::move(second)));
  REQUIRE(second != nullptr);
  CHECK(**table.find(5) == 1);
  CHECK_FALSE(table.insert_or_assign(5, std::move(second)));
  CHECK(**table.find(5) == 2);
}

TEST_CASE("clear empties a table at once, and frees in small parts what readers have let go of") {
  lull::domain domain;
  lull::participant core(domain);
  other_core reader(domain);
  lull::hash_table<int, tracked> table;
  // 700 entries leave it with a move under way: all of both arrays has to go.
  for (int i = 0; i < 700; ++i) table.try_emplace(i, i);
  REQUIRE(table.statistics().arrays == 2);
  core.quiescent();
  const tracked* found = reader.run([&] { return table.find(699).get(); });
  table.clear();
  CHECK(table.empty());
  CHECK_FALSE(table.contains(699));
  CHECK(table.statistics().capacity == 16);
  settle(core);
  CHECK(found->number == 699);
  CHECK(tracked::alive == 700);
  CHECK(table.try_emplace(3, 3));
  // Each grace period frees a part of each array.
  int before = tracked::alive;
  int rounds = 0;
  while (tracked::alive > 1) {
    reader.quiescent();
    core.quiescent();
    REQUIRE(before - tracked::alive <= 2 * 128);
    before = tracked::alive;
    REQUIRE(++rounds < 10000);
  }
  CHECK(table.find(3)->number == 3);
}

TEST_CASE("a destroyed table leaves what readers found until they are quiescent") {
  lull::domain domain;
  lull::participant core(domain);
  other_core reader(domain);
  const tracked* found = nullptr;
  {
    lull::hash_table<int, tracked> table;
    for (int i = 0; i < 700; ++i) table.try_emplace(i, i);
    found = reader.run([&] { return table.find(5).get(); });
  }
  settle(core);
  CHECK(tracked::alive == 700);
  CHECK(found->number == 5);
  while (core.has_limbo()) {
    reader.quiescent();
    core.quiescent();
  }
  CHECK(tracked::alive == 0);
}

TEST_CASE("a table that outlives its participant frees everything by itself") {
  auto domain = std::make_unique<lull::domain>();
  auto core = std::make_unique<lull::participant>(*domain);
  auto table = std::make_unique<lull::hash_table<int, tracked>>();
  for (int i = 0; i < 2000; ++i) table->try_emplace(i, i);
  core.reset();
  table.reset();
  CHECK(tracked::alive == 0);
}

TEST_CASE("a participant that leaves right after its table frees the table too") {
  {
    lull::domain domain;
    lull::participant core(domain);
    lull::hash_table<int, tracked> table;
    for (int i = 0; i < 2000; ++i) table.try_emplace(i, i);
  }
  CHECK(tracked::alive == 0);
}

TEST_CASE("a table belongs to who made it, or to who wrote first, until it is adopted") {
  lull::domain domain;
  lull::hash_table<int, int> table;  // made where there is no participant
  lull::participant core(domain);
  other_core other(domain);
  CHECK(table.insert(1, 1));
  other.run([&] {
    table.adopt();
    table.insert(2, 2);
  });
  table.adopt();
  CHECK(table.insert(3, 3));
  CHECK(table.size() == 3);
}
