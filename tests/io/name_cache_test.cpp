// SPDX-License-Identifier: MIT
#include <lull/io/name_cache.hpp>

#include <chrono>
#include <new>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "../allocations.hpp"

using lull::detail::name_cache;

namespace {

constexpr lull::time_point start{};

lull::time_point at(int second) { return start + std::chrono::seconds(second); }

lull::name_answer answer(std::uint16_t port) { return {{lull::address::loopback(port)}}; }

// 0: not known.
int port_of(name_cache& cache, std::string_view name, int second) {
  const lull::name_answer* const known = cache.find(name, at(second));
  return known == nullptr ? 0 : known->addresses.at(0).port();
}

}  // namespace

TEST_CASE("an answer is known until its time is up, and replaced by the next") {
  name_cache cache(4);
  CHECK(port_of(cache, "a", 0) == 0);
  cache.put("a", answer(1), at(10));
  cache.put("b", answer(2), at(20));
  CHECK(port_of(cache, "a", 9) == 1);
  CHECK(port_of(cache, "b", 10) == 2);
  CHECK(port_of(cache, "a", 10) == 0);
  CHECK(cache.size() == 1);
  cache.put("b", answer(3), at(30));
  CHECK(port_of(cache, "b", 20) == 3);
  CHECK(cache.size() == 1);
}

TEST_CASE("a cache that is full forgets what was not asked for longest") {
  name_cache cache(3);
  for (const char* const name : {"a", "b", "c"}) cache.put(name, answer(1), at(10));
  CHECK(port_of(cache, "a", 0) == 1);
  cache.put("d", answer(1), at(10));
  CHECK(cache.size() == 3);
  CHECK(port_of(cache, "b", 0) == 0);
  for (const char* const name : {"a", "c", "d"}) CHECK(port_of(cache, name, 0) == 1);
}

TEST_CASE("a cache without room keeps nothing") {
  name_cache cache(0);
  cache.put("a", answer(1), at(10));
  CHECK(cache.size() == 0);
  CHECK(port_of(cache, "a", 0) == 0);
}

TEST_CASE("an answer that was to be replaced without memory was forgotten") {
  test::need_allocations();
  name_cache cache(4);
  cache.put("a", answer(1), at(10));
  for (std::size_t passes = 0;; ++passes) {
    lull::name_answer next = answer(2);
    try {
      const test::failing_allocations fails(passes);
      cache.put("a", std::move(next), at(20));
      break;
    } catch (const std::bad_alloc&) {
      CHECK(port_of(cache, "a", 5) == 1);
    }
  }
  CHECK(port_of(cache, "a", 15) == 2);
  CHECK(cache.size() == 1);
}

TEST_CASE("a cache without memory for another answer keeps those that it has") {
  test::need_allocations();
  name_cache cache(1);
  cache.put("a", answer(1), at(10));
  std::size_t failed = 0;
  for (;; ++failed) {
    lull::name_answer next = answer(2);
    try {
      const test::failing_allocations fails(failed);
      cache.put("a name that takes memory of its own", std::move(next), at(20));
      break;
    } catch (const std::bad_alloc&) {
      CHECK(port_of(cache, "a", 5) == 1);
    }
  }
  CHECK(failed > 0);
  CHECK(cache.size() == 1);
}
