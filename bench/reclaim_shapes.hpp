// SPDX-License-Identifier: MIT
#pragma once
// What the reclamation benchmarks have in common, so that the libraries differ in nothing else: the
// object, the free list it comes from, how often a quiescent state is announced, and a table of the
// loops that each library offers. One thread runs them all, in turn.

#include <cstddef>
#include <new>

namespace lull::bench {

constexpr std::size_t operations_per_quiescent_state = 64;

struct object {
  object* next = nullptr;  // in the free list
  char payload[56] = {};
};
static_assert(sizeof(object) == 64);

// A free list of the thread that runs the benchmark: the cheapest place for an object to come from
// and go back to, so that the library alone is seen. Never gives memory back.
class object_pool {
 public:
  static object* take() {
    object* result = first;
    if (result == nullptr) return new object;
    first = result->next;
    return result;
  }
  static void give(object* one) noexcept {
    one->next = first;
    first = one;
  }

 private:
  static inline object* first = nullptr;
};

// Keeps the compiler from removing what a loop does to memory.
inline void keep(const void* address) { asm volatile("" : : "r"(address) : "memory"); }

// One library's way through each shape. A loop does at least `operations` and leaves nothing
// behind that the next loop would have to pay for; null where the library has no such thing.
struct contender {
  const char* name = nullptr;
  void (*retire_release_pool)(std::size_t operations) = nullptr;
  void (*retire_free_malloc)(std::size_t operations) = nullptr;
  void (*announce_unchanged)(std::size_t operations) = nullptr;
  void (*announce_moved)(std::size_t operations) = nullptr;  // with what it takes to move the epoch
  void (*announce_moved_baseline)(std::size_t operations) = nullptr;  // only what it takes

  // For another thread, a reader that announces what it has seen.
  void (*reader_joins)() = nullptr;
  void (*reader_announces)() = nullptr;
  void (*reader_leaves)() = nullptr;
};

// The floor: what the loops cost without any reclamation. Objects go back at once.
contender floor_contender();
contender lull_contender();
contender liburcu_contender();  // all null when built without liburcu

}  // namespace lull::bench
