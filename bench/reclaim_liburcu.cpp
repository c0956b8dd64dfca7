// SPDX-License-Identifier: MIT
// A peer of the reclamation benchmark: liburcu's QSBR flavour the cheap way, where retired
// pointers are gathered and one synchronize_rcu() serves 4,096 of them. Its inline reader side is
// used, as its licence allows for functions of that size.

#include "reclaim_shapes.hpp"

#ifdef LULL_BENCH_LIBURCU

#define _LGPL_SOURCE
#include <urcu/urcu-qsbr.h>

namespace lull::bench {
namespace {

retired_batch retired;

template <void (*Release)(object*) noexcept>
void synchronize_and_release() {
  urcu_qsbr_synchronize_rcu();
  retired.release<Release>();
}

template <object* (*Take)(), void (*Release)(object*) noexcept>
void retire_loop(std::size_t operations) {
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = Take();
      keep(one);
      retired.objects[retired.count++] = one;
      if (retired.count == objects_per_synchronize) synchronize_and_release<Release>();
    }
    urcu_qsbr_quiescent_state();
  }
  synchronize_and_release<Release>();
}

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

void read(std::size_t operations) {
  read_loop(operations, load_published, [] { urcu_qsbr_quiescent_state(); });
}

void retire_timed(object* one) {
  retired.objects[retired.count++] = one;
  if (retired.count == objects_per_synchronize) synchronize_and_release<note_release>();
}
void announces() { urcu_qsbr_quiescent_state(); }
void drains() { synchronize_and_release<note_release>(); }

}  // namespace

contender liburcu_contender() {
  static const bool registered = (urcu_qsbr_register_thread(), true);  // for good, as lull's joins
  static_cast<void>(registered);
  return {.name = "liburcu qsbr, synchronize per 4096",
          .package = "liburcu-dev",
          .retire_release_pool = retire_loop<take_from_pool, give_to_pool>,
          .retire_free_malloc = retire_loop<take_new, free_again>,
          .announce_unchanged = announce_unchanged,
          .announce_moved = announce_moved,
          .announce_moved_baseline = announce_moved_baseline,
          .read = read,
          .retire_timed = retire_timed,
          .announces = announces,
          .drains = drains,
          .reader_joins = urcu_qsbr_register_thread,
          .reader_announces = announces,
          .reader_leaves = urcu_qsbr_unregister_thread};
}

}  // namespace lull::bench

#else

namespace lull::bench {
contender liburcu_contender() { return {.package = "liburcu-dev"}; }
}  // namespace lull::bench

#endif
