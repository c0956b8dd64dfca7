// SPDX-License-Identifier: MIT
// A peer of the reclamation benchmark: the general-purpose buffered RCU of libcds. Its own buffer
// is a queue for many writers and costs 30 ns an object; its grace period alone is cheap. So
// retired pointers are gathered, and one synchronize() serves 4,096 of them, between two read
// sections.

#include "reclaim_shapes.hpp"

#ifdef LULL_BENCH_LIBCDS

#include <cds/init.h>
#include <cds/urcu/general_buffered.h>

namespace lull::bench {
namespace {

using rcu = cds::urcu::gc<cds::urcu::general_buffered<>>;

// The library for this process, until its end.
void initialise() {
  static const bool done = [] {
    cds::Initialize();
    static rcu instance;
    return true;
  }();
  static_cast<void>(done);
}

// A thread is in a section all the time, but for its quiescent states.
void join() {
  initialise();
  cds::threading::Manager::attachThread();
  rcu::access_lock();
}

void self() {
  static const bool joined = (join(), true);
  static_cast<void>(joined);
}

void announce() {
  rcu::access_unlock();
  rcu::access_lock();
}

retired_batch retired;

template <void (*Release)(object*) noexcept>
void synchronize_and_release() {
  rcu::access_unlock();
  rcu::synchronize();
  rcu::access_lock();
  retired.release<Release>();
}

template <object* (*Take)(), void (*Release)(object*) noexcept>
void retire_loop(std::size_t operations) {
  self();
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = Take();
      keep(one);
      retired.objects[retired.count++] = one;
    }
    static_assert(objects_per_synchronize % operations_per_quiescent_state == 0);
    if (retired.count == objects_per_synchronize) {
      synchronize_and_release<Release>();
    } else {
      announce();
    }
  }
  synchronize_and_release<Release>();
}

void announce_unchanged(std::size_t operations) {
  self();
  for (std::size_t i = 0; i < operations; ++i) {
    announce();
    keep(nullptr);
  }
}

void read(std::size_t operations) {
  self();
  read_loop(operations, load_published, announce);
}

void retire_timed(object* one) {
  self();
  retired.objects[retired.count++] = one;
}
void announces() {
  if (retired.count == objects_per_synchronize) return synchronize_and_release<note_release>();
  announce();
}
void drains() { synchronize_and_release<note_release>(); }

void reader_leaves() {
  rcu::access_unlock();
  cds::threading::Manager::detachThread();
}

}  // namespace

contender libcds_contender() {
  return {.name = "libcds general_buffered, synchronize per 4096",
          .package = "libcds-dev",
          .retire_release_pool = retire_loop<take_from_pool, give_to_pool>,
          .retire_free_malloc = retire_loop<take_new, free_again>,
          .announce_unchanged = announce_unchanged,
          .read = read,
          .retire_timed = retire_timed,
          .announces = announces,
          .drains = drains,
          .reader_joins = join,
          .reader_announces = announce,
          .reader_leaves = reader_leaves};
}

}  // namespace lull::bench

#else

namespace lull::bench {
contender libcds_contender() { return {.package = "libcds-dev"}; }
}  // namespace lull::bench

#endif
