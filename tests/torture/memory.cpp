// SPDX-License-Identifier: MIT
#include "memory.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include <lull/base/assert.hpp>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TORTURE_ON_THE_HEAP 1
#endif
#endif

namespace torture {

#ifdef TORTURE_ON_THE_HEAP

void* take_block(std::size_t bytes) { return ::operator new(bytes); }

void give_block(void* gone) noexcept { ::operator delete(gone); }

#else

namespace {

// The link lies behind what an object may use: what is given back stays as its destructor left it.
struct block {
  alignas(16) std::byte room[largest_block];
  block* next;
};

// So many blocks wait before the first of them is used again, and so many are made at a time.
constexpr std::size_t kept_back = 2048;
constexpr std::size_t made_at_once = 256;

struct alignas(64) shard {
  std::mutex lock;
  block* first = nullptr;  // the oldest
  block* last = nullptr;
  std::size_t waiting = 0;
  std::vector<std::unique_ptr<block[]>> made;
  std::size_t unused = 0;  // of the last made

  void* take() {
    const std::lock_guard guard(lock);
    if (waiting > kept_back) {
      block* oldest = first;
      first = oldest->next;
      --waiting;
      return oldest;
    }
    if (unused == 0) {
      made.push_back(std::make_unique_for_overwrite<block[]>(made_at_once));
      unused = made_at_once;
    }
    return &made.back()[--unused];
  }
  void give(block& one) noexcept {
    const std::lock_guard guard(lock);
    one.next = nullptr;
    (waiting == 0 ? first : last->next) = &one;
    last = &one;
    ++waiting;
  }
};

std::array<shard, 16> shards;

// In turn, so that all have about as many.
shard& next_shard() noexcept {
  static constinit thread_local unsigned turn = 0;
  return shards[++turn % shards.size()];
}

}  // namespace

void* take_block(std::size_t bytes) {
  LULL_ASSERT(bytes <= largest_block, "an object of %zu bytes does not fit into a block of %zu",
              bytes, largest_block);
  return next_shard().take();
}

void give_block(void* gone) noexcept { next_shard().give(*static_cast<block*>(gone)); }

#endif

}  // namespace torture
