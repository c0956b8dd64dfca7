// SPDX-License-Identifier: MIT
#include <lull/sched/frame_pool.hpp>

#include <cstdint>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using lull::detail::frame_pool;

TEST_CASE("a block that was given back is handed out again") {
  frame_pool pool;
  void* const first = pool.allocate(100);
  pool.deallocate(first, 100);
  void* const second = pool.allocate(128);  // the same size class
  if (frame_pool::most_kept != 0) REQUIRE(second == first);
  pool.deallocate(second, 128);
}

TEST_CASE("blocks of every size are aligned to a cache line and do not overlap") {
  frame_pool pool;
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (std::size_t bytes = 1; bytes <= 2 * frame_pool::largest; bytes += 61) {
    void* const memory = pool.allocate(bytes);
    REQUIRE(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0);
    std::fill_n(static_cast<unsigned char*>(memory), bytes, static_cast<unsigned char>(bytes));
    blocks.emplace_back(memory, bytes);
  }
  for (auto [memory, bytes] : blocks) {
    for (std::size_t i = 0; i < bytes; ++i) {
      REQUIRE(static_cast<unsigned char*>(memory)[i] == static_cast<unsigned char>(bytes));
    }
    pool.deallocate(memory, bytes);
  }
}
