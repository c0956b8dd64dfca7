// SPDX-License-Identifier: MIT
#include <lull/base/limits.hpp>

#include <catch2/catch_test_macros.hpp>

#include <lull/base/cache_line.hpp>

TEST_CASE("small constants are small enough to be met in a short test") {
#ifdef LULL_SMALL_CONSTANTS
  CHECK(lull::limits::release_objects <= 8);
  CHECK(lull::limits::limbo_block_words <= 64);
  CHECK(lull::limits::walk_visits <= 4);
#else
  CHECK(lull::limits::release_objects == 64);
  CHECK(lull::limits::release_time == std::chrono::microseconds(10));
#endif
}

TEST_CASE("a limbo block with its header stays within a page") {
  CHECK((lull::limits::limbo_block_words + 2) * sizeof(void*) <= 4096);
  CHECK(lull::cache_line == 64);
}
