// SPDX-License-Identifier: MIT
#pragma once
// What the reclamation benchmarks have in common, so that the libraries differ in nothing else: the
// object, the free list it comes from, how often a quiescent state is announced, and a table of the
// loops that each library offers. One thread runs them all, in turn.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace lull::bench {

constexpr std::size_t operations_per_quiescent_state = 64;
constexpr std::size_t objects_per_synchronize = 4096;  // for peers that wait for a grace period
constexpr std::size_t objects_gathered = 256;

struct object {
  object* next = nullptr;       // in the free list
  std::int64_t retired_at = 0;  // ns, where the time from there to the release is measured
  alignas(8) char payload[48] = {};
};
static_assert(sizeof(object) == 64);

// A free list of the thread that runs the benchmark: the cheapest place for an object to come from
// and go back to, so that the library alone is seen. Never gives memory back.
class object_pool {
 public:
  static object* take() {
    object* result = first;
    if (result == nullptr) return make();
    first = result->next;
    return result;
  }
  static void give(object* one) noexcept {
    one->next = first;
    first = one;
  }

  // Those that were taken and have not come back. Walks over the list.
  static std::size_t outside() {
    std::size_t inside = 0;
    for (const object* one = first; one != nullptr; one = one->next) ++inside;
    return made - inside;
  }

 private:
  static object* make() {
    ++made;
    return new object;
  }

  static inline object* first = nullptr;
  static inline std::size_t made = 0;
};

// Where an object of a loop comes from and what its release does.
inline object* take_from_pool() { return object_pool::take(); }
inline void give_to_pool(object* one) noexcept { object_pool::give(one); }
inline object* take_new() { return new object; }
inline void free_again(object* one) noexcept { delete one; }

// Notes the time since the object was retired, and gives it to the pool: what the deleters of the
// latency rows do.
void note_release(object* one) noexcept;

// Keeps the compiler from removing what a loop does to memory.
inline void keep(const void* address) { asm volatile("" : : "r"(address) : "memory"); }

// What readers read: an object that stays, behind a pointer that somebody might exchange.
inline object published_object;
inline std::atomic<object*> published{&published_object};

// The same for the floor, whose compiler sees plain loads.
inline object* plainly_published = &published_object;

// Reads of a field of it, by a pointer loaded anew each time; then the quiescent state. Written
// out, for in a loop so short its place in memory counts for more than what it does.
template <class Load, class Announce>
void read_loop(std::size_t operations, Load load, Announce announce) {
  const auto read_all = [&]<std::size_t... Each>(std::index_sequence<Each...>) {
    ((static_cast<void>(Each), keep(load()->next)), ...);
  };
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    read_all(std::make_index_sequence<operations_per_quiescent_state>());
    announce();
  }
}

inline object* load_published() { return published.load(std::memory_order_acquire); }

// Pointers that wait for a grace period together, for libraries that offer no more than to wait
// for one: that is how they are cheapest.
struct retired_batch {
  std::size_t count = 0;
  object* objects[objects_per_synchronize];

  template <void (*Release)(object*) noexcept>
  void release() noexcept {
    for (std::size_t i = 0; i < count; ++i) Release(objects[i]);
    count = 0;
  }
};

// One library's way through each shape. A loop does at least `operations` and leaves nothing
// behind that the next loop would have to pay for; null where the library has no such thing.
struct contender {
  const char* name = nullptr;     // null: not built in
  const char* package = nullptr;  // where it comes from
  void (*retire_release_pool)(std::size_t operations) = nullptr;
  void (*retire_free_malloc)(std::size_t operations) = nullptr;
  void (*announce_unchanged)(std::size_t operations) = nullptr;
  void (*announce_moved)(std::size_t operations) = nullptr;  // with what it takes to move the epoch
  void (*announce_moved_baseline)(std::size_t operations) = nullptr;  // only what it takes
  void (*read)(std::size_t operations) = nullptr;

  // The thread of the loops, in the latency rows: an object whose release is note_release(), the
  // quiescent state that ends an iteration, and all that remains, once no reader is there.
  void (*retire_timed)(object* one) = nullptr;
  void (*announces)() = nullptr;
  void (*drains)() = nullptr;

  // For another thread, a reader that announces what it has seen.
  void (*reader_joins)() = nullptr;
  void (*reader_announces)() = nullptr;
  void (*reader_leaves)() = nullptr;
};

// The floor: what the loops cost without any reclamation. Objects go back at once.
contender floor_contender();
// What is gathered before it goes back, without any reclamation either: the least that a library
// can cost which lets objects wait. Its batches are as large as lull's are here.
contender gathering_contender();
contender lull_contender();
contender liburcu_contender();
contender ck_contender();
contender libcds_contender();

// Those of the last three that this program was built with.
std::vector<contender> peer_contenders();

}  // namespace lull::bench
