// SPDX-License-Identifier: MIT
// The peer of the reclamation benchmark: liburcu's QSBR flavour the cheap way, where retired
// pointers are gathered and one synchronize_rcu() serves 4,096 of them. Its inline reader side is
// used, as its licence allows for functions of that size.

#include "reclaim_shapes.hpp"

#ifdef LULL_BENCH_LIBURCU

#define _LGPL_SOURCE
#include <urcu/urcu-qsbr.h>

namespace lull::bench {
namespace {

constexpr std::size_t batch_size = 4096;

struct batch {
  std::size_t count = 0;
  object* objects[batch_size];
};
batch retired;

template <void (*Release)(object*)>
void release_batch() {
  urcu_qsbr_synchronize_rcu();
  for (std::size_t i = 0; i < retired.count; ++i) Release(retired.objects[i]);
  retired.count = 0;
}

template <object* (*Take)(), void (*Release)(object*)>
void retire_loop(std::size_t operations) {
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = Take();
      keep(one);
      retired.objects[retired.count++] = one;
      if (retired.count == batch_size) release_batch<Release>();
    }
    urcu_qsbr_quiescent_state();
  }
}

object* take_from_pool() { return object_pool::take(); }
void give_to_pool(object* one) { object_pool::give(one); }
object* take_new() { return new object; }
void free_again(object* one) { delete one; }

void announce_unchanged(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    urcu_qsbr_quiescent_state();
    keep(nullptr);
  }
}

// Its counter is moved by hand, for a real grace period would be measured along with it. (Stored as
// an atomic of the compiler's: the library's own macro is one that C++20 deprecates.)
void move_counter() {
  __atomic_store_n(&urcu_qsbr_gp.ctr, urcu_qsbr_gp.ctr + URCU_QSBR_GP_CTR, __ATOMIC_RELAXED);
}

void announce_moved(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    move_counter();
    urcu_qsbr_quiescent_state();
    keep(nullptr);
  }
}

void announce_moved_baseline(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    move_counter();
    keep(nullptr);
  }
  urcu_qsbr_quiescent_state();
}

void reader_announces() { urcu_qsbr_quiescent_state(); }

}  // namespace

contender liburcu_contender() {
  static const bool registered = (urcu_qsbr_register_thread(), true);  // for good, as lull's joins
  static_cast<void>(registered);
  return {.name = "liburcu qsbr, synchronize per 4096",
          .retire_release_pool = retire_loop<take_from_pool, give_to_pool>,
          .retire_free_malloc = retire_loop<take_new, free_again>,
          .announce_unchanged = announce_unchanged,
          .announce_moved = announce_moved,
          .announce_moved_baseline = announce_moved_baseline,
          .reader_joins = urcu_qsbr_register_thread,
          .reader_announces = reader_announces,
          .reader_leaves = urcu_qsbr_unregister_thread};
}

}  // namespace lull::bench

#else

namespace lull::bench {
contender liburcu_contender() { return {}; }
}  // namespace lull::bench

#endif
