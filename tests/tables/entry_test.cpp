// SPDX-License-Identifier: MIT
#include <lull/tables/entry.hpp>
#include <lull/tables/hash_table.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "tracked.hpp"

namespace {

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
