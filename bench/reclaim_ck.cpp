// SPDX-License-Identifier: MIT
// A peer of the reclamation benchmark: Concurrency Kit's epochs. The released library has no call
// that only observes the epoch, so a thread is in a section all the time, but for its quiescent
// states: there it ends the section, polls when it has retired something, and begins the next.

#include "reclaim_rows.hpp"

#ifdef LULL_BENCH_CK

#include <ck_pr.h>

#include <cstdio>

// Two functions of ck_stack.h, neither called here, assign a void* as only C allows.
namespace lull::bench {
struct any_pointer {
  void* address;
  template <class T>
  operator T*() const {
    return static_cast<T*>(address);
  }
};
inline any_pointer exchange_pointer(void* target, void* value) {
  return {ck_pr_fas_ptr(target, value)};
}
}  // namespace lull::bench
#define ck_pr_fas_ptr(target, value) lull::bench::exchange_pointer(target, value)
extern "C" {
#include <ck_epoch.h>
}
#undef ck_pr_fas_ptr

namespace lull::bench {
namespace {

ck_epoch_t& shared() {
  static ck_epoch_t epoch;
  static const bool initialised = (ck_epoch_init(&epoch), true);
  static_cast<void>(initialised);
  return epoch;
}

// A record that somebody gave back, or a new one; the library keeps them all, so none is freed.
ck_epoch_record_t* join() {
  ck_epoch_record_t* record = ck_epoch_recycle(&shared(), nullptr);
  if (record == nullptr) {
    record = new ck_epoch_record_t{};
    ck_epoch_register(&shared(), record, nullptr);
  }
  ck_epoch_begin(record, nullptr);
  return record;
}

ck_epoch_record_t* self() {
  static ck_epoch_record_t* const record = join();
  return record;
}

void announce(ck_epoch_record_t* record) {
  ck_epoch_end(record, nullptr);
  ck_epoch_begin(record, nullptr);
}

void announce_and_poll(ck_epoch_record_t* record) {
  ck_epoch_end(record, nullptr);
  ck_epoch_poll(record);
  ck_epoch_begin(record, nullptr);
}

void finish(ck_epoch_record_t* record) {
  while (record->n_pending != 0) announce_and_poll(record);
}

template <void (*Release)(object*) noexcept>
void release(ck_epoch_entry_t* entry) {
  Release(reinterpret_cast<object*>(reinterpret_cast<char*>(entry) - offsetof(object, payload)));
}

template <void (*Release)(object*) noexcept>
void retire(ck_epoch_record_t* record, object* one) {
  static_assert(sizeof(ck_epoch_entry_t) <= sizeof one->payload);
  ck_epoch_call(record, new (one->payload) ck_epoch_entry_t, release<Release>);
}

template <object* (*Take)(), void (*Release)(object*) noexcept>
void retire_loop(std::size_t operations) {
  ck_epoch_record_t* record = self();
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = Take();
      keep(one);
      retire<Release>(record, one);
    }
    announce_and_poll(record);
  }
  finish(record);
}

void announce_unchanged(std::size_t operations) {
  ck_epoch_record_t* record = self();
  for (std::size_t i = 0; i < operations; ++i) {
    announce(record);
    keep(nullptr);
  }
}

// The epoch is moved by hand, as liburcu's counter is.
void move_epoch() { __atomic_store_n(&shared().epoch, shared().epoch + 1, __ATOMIC_RELAXED); }

void announce_moved(std::size_t operations) {
  ck_epoch_record_t* record = self();
  for (std::size_t i = 0; i < operations; ++i) {
    move_epoch();
    announce(record);
    keep(nullptr);
  }
}

void announce_moved_baseline(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    move_epoch();
    keep(nullptr);
  }
  announce(self());
}

void read(std::size_t operations) {
  ck_epoch_record_t* record = self();
  read_loop(operations, load_published, [&] { announce(record); });
}

void retire_timed(object* one) { retire<note_release>(self(), one); }
void announces() { announce_and_poll(self()); }
void drains() { finish(self()); }

thread_local ck_epoch_record_t* reader;

void reader_joins() { reader = join(); }
void reader_announces() { announce(reader); }
void reader_leaves() {
  ck_epoch_end(reader, nullptr);
  ck_epoch_unregister(reader);
}

}  // namespace

contender ck_contender() {
  return {.name = "ck_epoch, polled at each quiescent state",
          .package = "libck-dev",
          .retire_release_pool = retire_loop<take_from_pool, give_to_pool>,
          .retire_free_malloc = retire_loop<take_new, free_again>,
          .announce_unchanged = announce_unchanged,
          .announce_moved = announce_moved,
          .announce_moved_baseline = announce_moved_baseline,
          .read = read,
          .retire_timed = retire_timed,
          .announces = announces,
          .drains = drains,
          .reader_joins = reader_joins,
          .reader_announces = reader_announces,
          .reader_leaves = reader_leaves};
}

bool drive_ck_records(std::size_t count, std::size_t rounds) {
  std::vector<ck_epoch_record_t*> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(join());
  const unsigned before = shared().epoch;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (ck_epoch_record_t* one : all) {
      retire<give_to_pool>(one, object_pool::take());
      announce_and_poll(one);
    }
  }
  std::printf("{\"epochs\":%u}\n", shared().epoch - before);
  return true;
}

}  // namespace lull::bench

#else

namespace lull::bench {
contender ck_contender() { return {.package = "libck-dev"}; }
bool drive_ck_records(std::size_t, std::size_t) { return false; }
}  // namespace lull::bench

#endif
