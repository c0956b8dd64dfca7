// SPDX-License-Identifier: MIT
#include <lull/sched/frame_pool.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using lull::detail::frame_pool;

namespace {

using pool_blocks = std::vector<std::pair<void*, std::size_t>>;

constexpr std::size_t one_slab = frame_pool::pools ? lull::limits::frame_slab_bytes : 0;

void fill_block(void* memory, std::size_t bytes) {
  std::fill_n(static_cast<unsigned char*>(memory), bytes, static_cast<unsigned char>(bytes));
}
bool is_filled(const void* memory, std::size_t bytes) {
  const auto* const at = static_cast<const unsigned char*>(memory);
  return std::all_of(at, at + bytes,
                     [bytes](unsigned char c) { return c == static_cast<unsigned char>(bytes); });
}

}  // namespace

TEST_CASE("a block that was given back is handed out again") {
  frame_pool pool;
  void* const first = pool.allocate(100);
  pool.deallocate(first, 100);
  void* const second = pool.allocate(128);  // the same size class
  if (frame_pool::pools) CHECK(second == first);
  pool.deallocate(second, 128);
  CHECK(pool.slab_bytes() == one_slab);
}

TEST_CASE("the slab of a size that may be wanted at once is not given back") {
  frame_pool pool;
  pool.deallocate(pool.allocate(100), 100);
  pool.trim();
  CHECK(pool.slab_bytes() == one_slab);
}

TEST_CASE("blocks of every size are aligned to a cache line and do not overlap") {
  frame_pool pool;
  pool_blocks blocks;
  for (std::size_t bytes = 1; bytes <= 2 * frame_pool::largest; bytes += 61) {
    void* const memory = pool.allocate(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0);
    fill_block(memory, bytes);
    blocks.emplace_back(memory, bytes);
  }
  for (auto [memory, bytes] : blocks) {
    CHECK(is_filled(memory, bytes));
    pool.deallocate(memory, bytes);
  }
}

TEST_CASE("random frames keep what is written into them, and memory follows what is in use") {
  frame_pool pool;
  std::mt19937 random(7);
  pool_blocks blocks;
  for (int step = 0; step < 60'000; ++step) {
    // Waves: up to some thousand blocks, and down to none.
    const bool growing = step / 6'000 % 2 == 0;
    if (blocks.empty() || random() % 4 < (growing ? 3 : 1)) {
      const std::size_t bytes = 1 + random() % (random() % 8 == 0 ? 3'000 : 300);
      void* const memory = pool.allocate(bytes);
      fill_block(memory, bytes);
      blocks.emplace_back(memory, bytes);
    } else {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      const auto [memory, bytes] = blocks.back();
      blocks.pop_back();
      if (!is_filled(memory, bytes)) FAIL("a block was handed out twice");
      pool.deallocate(memory, bytes);
    }
  }
  for (auto [memory, bytes] : blocks) pool.deallocate(memory, bytes);
  // What a class may use next stays, and the spares.
  const std::size_t classes = frame_pool::largest / frame_pool::granule;
  while (pool.has_excess()) {
    const std::size_t before = pool.slab_bytes();
    pool.trim_unneeded();
    CHECK(before - pool.slab_bytes() <= lull::limits::trimmed_frame_slabs * one_slab);
  }
  CHECK(pool.slab_bytes() <= (classes + lull::limits::spare_frame_slabs) * one_slab);
  pool.trim();
  CHECK(pool.slab_bytes() <= classes * one_slab);
}

TEST_CASE("what a burst of frames took stays for the next one, and goes when none comes") {
  if (!frame_pool::pools) SKIP("every frame comes from the heap here");
  frame_pool pool;
  const auto burst = [&pool] {
    pool_blocks blocks;
    constexpr std::size_t slabs = lull::limits::spare_frame_slabs + 3;
    for (std::size_t i = 0; i < slabs * one_slab / 1024; ++i) {
      blocks.emplace_back(pool.allocate(1000), 1000);
    }
    for (auto [memory, bytes] : blocks) pool.deallocate(memory, bytes);
  };
  burst();
  const std::size_t grown = pool.slab_bytes();
  REQUIRE(pool.has_excess());
  pool.trim_unneeded();
  CHECK(pool.slab_bytes() == grown);  // it has just been needed
  burst();
  pool.trim_unneeded();
  CHECK(pool.slab_bytes() == grown);
  pool.trim_unneeded();
  CHECK(pool.slab_bytes() < grown);
  CHECK(!pool.has_excess());
}

TEST_CASE("a slab that is free again serves another size") {
  frame_pool pool;
  pool_blocks blocks;
  const auto take = [&](std::size_t bytes, std::size_t count) {
    for (; count > 0; --count) blocks.emplace_back(pool.allocate(bytes), bytes);
  };
  const auto give_all = [&] {
    for (auto [memory, bytes] : blocks) pool.deallocate(memory, bytes);
    blocks.clear();
  };
  take(128, 2 * lull::limits::frame_slab_bytes / 128);  // three slabs
  CHECK(pool.slab_bytes() == 3 * one_slab);
  give_all();
  CHECK(pool.slab_bytes() == 3 * one_slab);
  take(256, lull::limits::frame_slab_bytes / 256);
  CHECK(pool.slab_bytes() == 3 * one_slab);
  give_all();
}

TEST_CASE("blocks given back by another thread are handed out again by their pool") {
  frame_pool pool;
  pool_blocks blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.emplace_back(pool.allocate(200), 200);
    fill_block(blocks.back().first, 200);
  }
  const std::size_t before = pool.slab_bytes();
  std::thread([&] {
    frame_pool other;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % 2 == 0) {
        other.deallocate(blocks[i].first, 200);
      } else {
        frame_pool::deallocate_outside(blocks[i].first, 200);
      }
    }
    CHECK(other.slab_bytes() == 0);
  }).join();
  blocks.clear();
  for (int i = 0; i < 1000; ++i) blocks.emplace_back(pool.allocate(200), 200);
  CHECK(pool.slab_bytes() == before);
  for (auto [memory, bytes] : blocks) pool.deallocate(memory, bytes);
}

TEST_CASE("two threads that give each other their blocks back lose none") {
  constexpr int rounds = 20'000;
  struct party {
    frame_pool pool;
    std::atomic<void*> handed{nullptr};
  };
  auto parties = std::make_unique<party[]>(2);
  const auto play = [&](std::size_t me) {
    party& mine = parties[me];
    party& other = parties[1 - me];
    for (int taken = 0, given = 0; taken < rounds || given < rounds;) {
      if (given < rounds && mine.handed.load() == nullptr) {
        void* const memory = mine.pool.allocate(100);
        fill_block(memory, 100);
        mine.handed.store(memory);
        ++given;
      }
      if (void* const memory = taken < rounds ? other.handed.exchange(nullptr) : nullptr) {
        if (!is_filled(memory, 100)) std::abort();
        mine.pool.deallocate(memory, 100);
        ++taken;
      }
    }
  };
  std::thread second([&] { play(1); });
  play(0);
  second.join();
  if (frame_pool::pools) CHECK(parties[0].pool.slab_bytes() <= 40 * one_slab);
}

TEST_CASE("blocks outlive their pool, and the last of a slab frees it") {
  pool_blocks blocks;
  {
    frame_pool pool;
    for (int i = 0; i < 1000; ++i) blocks.emplace_back(pool.allocate(300), 300);
    for (auto [memory, bytes] : blocks) fill_block(memory, bytes);
    for (int i = 0; i < 300; ++i) {  // on their way home when the pool goes
      frame_pool::deallocate_outside(blocks.back().first, 300);
      blocks.pop_back();
    }
  }
  for (auto [memory, bytes] : blocks) {
    CHECK(is_filled(memory, bytes));
    frame_pool::deallocate_outside(memory, bytes);
  }  // a leak is for the leak checker to see
}

TEST_CASE("a pool that goes while others give blocks back raced with them over its slabs") {
  for (int round = 0; round < 200; ++round) {
    auto pool = std::make_unique<frame_pool>();
    pool_blocks blocks;
    for (int i = 0; i < 300; ++i) blocks.emplace_back(pool->allocate(300), 300);
    std::atomic<int> begun{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        ++begun;
        for (std::size_t i = t; i < blocks.size(); i += 2) {
          frame_pool::deallocate_outside(blocks[i].first, 300);
        }
      });
    }
    while (begun != 2) std::this_thread::yield();
    pool.reset();
    for (auto& one : threads) one.join();
  }
}

TEST_CASE("frames of threads that are no core come from one pool that they share") {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::mt19937 random(static_cast<unsigned>(t));
      pool_blocks blocks;
      for (int i = 0; i < 2'000; ++i) {
        const std::size_t bytes = 1 + random() % 2'500;
        blocks.emplace_back(frame_pool::allocate_outside(bytes), bytes);
        fill_block(blocks.back().first, bytes);
        if (i % 3 != 0) continue;
        if (!is_filled(blocks.front().first, blocks.front().second)) std::abort();
        frame_pool::deallocate_outside(blocks.front().first, blocks.front().second);
        blocks.erase(blocks.begin());
      }
      for (auto [memory, bytes] : blocks) frame_pool::deallocate_outside(memory, bytes);
    });
  }
  for (auto& one : threads) one.join();
}
