// SPDX-License-Identifier: MIT
#include <lull/tables/entry.hpp>
#include <lull/tables/hash_table.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "tracked.hpp"

namespace {

enum class color { red, green };

// Says nothing of where it is, and cannot be moved.
struct shy {
  explicit shy(int of) : number(of) {}
  shy(const shy&) = delete;
  shy* operator&() const = delete;

  int number;
};

struct pair_of_numbers {
  int first;
  int second;
};

struct picture {
  std::size_t pixels;
};

std::size_t limbo_bytes(lull::participant& core) {
  return static_cast<std::size_t>(core.statistics().limbo_bytes);
}

}  // namespace

template <>
struct lull::outside_bytes<picture> {
  static std::size_t of(const picture& one) noexcept { return one.pixels * 4; }
};

TEST_CASE("a replaced value counts in limbo with the memory that it owns") {
  lull::domain domain;
  lull::participant core(domain);
  lull::test::other_core reader(domain);
  lull::hash_table<std::string, std::string> table;
  table.insert("a", std::string(100000, 'x'));
  table.insert_or_assign("a", "short");
  core.quiescent();
  CHECK(limbo_bytes(core) > 100000);
  CHECK(limbo_bytes(core) < 100300);
  reader.quiescent();
  lull::test::settle(core);
  table.erase("a");
  core.quiescent();
  CHECK(limbo_bytes(core) < 200);
}

TEST_CASE("a user's type says what it owns, and a cleared table counts with all of it") {
  lull::domain domain;
  lull::participant core(domain);
  lull::test::other_core reader(domain);
  lull::hash_table<int, picture> table;
  for (int i = 0; i < 100; ++i) table.insert(i, picture{1000});
  for (int i = 0; i < 50; ++i) table.erase(i);
  table.insert_or_assign(99, picture{2000});
  while (core.has_limbo()) {
    reader.quiescent();
    core.quiescent();
  }
  table.clear();
  core.quiescent();
  CHECK(limbo_bytes(core) > 51 * 4000);
  CHECK(limbo_bytes(core) < 51 * 4000 + 20000);
  while (core.has_limbo()) {
    reader.quiescent();
    core.quiescent();
  }
  CHECK(limbo_bytes(core) == 0);
}

TEST_CASE("short texts own nothing outside themselves, long ones their capacity") {
  CHECK(lull::outside_bytes<std::string>::of("short") == 0);
  CHECK(lull::outside_bytes<std::string>::of(std::string(1000, 'x')) >= 1001);
  CHECK(lull::detail::bytes_outside(5) == 0);
}

TEST_CASE("values whose type takes operator& away, or cannot be moved, are stored and retired") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<int, shy> table;
  CHECK(table.try_emplace(1, 10));
  CHECK_FALSE(table.insert_or_assign(1, 11));
  CHECK(table.find(1)->number == 11);
  CHECK(table.erase(1));
}

TEST_CASE("numbers are converted, and others are made as a variable of their type is") {
  lull::domain domain;
  lull::participant core(domain);
  lull::hash_table<std::uint32_t, std::uint8_t> numbers;
  CHECK(numbers.insert(std::uint64_t{1}, 7L));
  CHECK(*numbers.find(1) == 7);
  lull::hash_table<color, const void*> pointers;
  const int anything = 0;
  CHECK(pointers.insert(color::green, &anything));
  CHECK(*pointers.find(color::green) == &anything);
  CHECK_FALSE(pointers.insert_or_assign(color::green, nullptr));
  CHECK(*pointers.find(color::green) == nullptr);
  CHECK(pointers.try_emplace(color::red));
  CHECK(*pointers.find(color::red) == nullptr);
  lull::hash_table<int, pair_of_numbers> pairs;
  CHECK(pairs.try_emplace(1, 2, 3));
  CHECK(pairs.find(1)->second == 3);
}
