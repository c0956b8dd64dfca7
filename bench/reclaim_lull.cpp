// SPDX-License-Identifier: MIT
// lull's side of the reclamation benchmark, as a user would write it: a participant of this thread,
// retire, and a quiescent state every 64 operations. And the floor below it.

#include <lull/base/assert.hpp>
#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>
#include <memory>

#include "reclaim_rows.hpp"

namespace lull::bench {
namespace {

// Stays joined until the end, as a core does.
struct membership {
  domain shared;
  participant self{shared};
  membership() { self.merge_within(std::chrono::microseconds(1)); }  // as a core does
};
membership& main_thread() {
  static membership here;
  return here;
}
participant& self() { return main_thread().self; }

struct to_pool {
  void operator()(object* one) const noexcept { object_pool::give(one); }
};
struct to_clock {
  void operator()(object* one) const noexcept { note_release(one); }
};

void finish(participant& me) {
  while (me.has_limbo()) me.quiescent();
}

void retire_release_pool(std::size_t operations) {
  participant& me = self();
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = object_pool::take();
      keep(one);
      me.retire(std::unique_ptr<object, to_pool>(one));
    }
    me.quiescent();
  }
  finish(me);
}

void retire_free_malloc(std::size_t operations) {
  participant& me = self();
  for (std::size_t done = 0; done < operations; done += operations_per_quiescent_state) {
    for (std::size_t i = 0; i < operations_per_quiescent_state; ++i) {
      object* one = new object;
      keep(one);
      me.retire(one);
    }
    me.quiescent();
  }
  finish(me);
}

void announce_unchanged(std::size_t operations) {
  participant& me = self();
  for (std::size_t i = 0; i < operations; ++i) {
    me.quiescent();
    keep(nullptr);
  }
}

// One participant moves the epoch once a round, by retiring; the others follow. What the followers
// cost is the difference between being online and being offline.
class followers {
 public:
  static constexpr std::size_t count = 16;

  followers() : mover_(domain_) {
    for (auto& one : all_) one = std::make_unique<participant>(domain_);
  }

  void run(std::size_t operations, bool online) {
    if (!online) {
      for (auto& one : all_) one->offline();
    }
    const std::uint64_t before = domain_.statistics().epoch;
    std::size_t rounds = 0;
    for (std::size_t done = 0; done < operations; done += count, ++rounds) {
      mover_.retire(std::unique_ptr<object, to_pool>(object_pool::take()));
      mover_.quiescent();
      if (online) {
        for (auto& one : all_) one->quiescent();
      }
    }
    LULL_ASSERT(domain_.statistics().epoch - before == rounds,
                "the benchmark expects one epoch a round: %llu of %zu rounds moved it",
                static_cast<unsigned long long>(domain_.statistics().epoch - before), rounds);
    finish(mover_);
    for (auto& one : all_) {
      if (!online) one->online();
    }
  }

 private:
  domain domain_;
  participant mover_;
  std::unique_ptr<participant> all_[count];
};

followers& all_followers() {
  static followers here;
  return here;
}

void announce_moved(std::size_t operations) { all_followers().run(operations, true); }
void announce_moved_baseline(std::size_t operations) { all_followers().run(operations, false); }

void read(std::size_t operations) {
  participant& me = self();
  read_loop(operations, load_published, [&] { me.quiescent(); });
}

void retire_timed(object* one) { self().retire(std::unique_ptr<object, to_clock>(one)); }
void announces() { self().quiescent(); }
void drains() { finish(self()); }

thread_local std::unique_ptr<participant> reader;

void reader_joins() { reader = std::make_unique<participant>(main_thread().shared); }
void reader_announces() { reader->quiescent(); }
void reader_leaves() { reader.reset(); }

void pool_floor(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    object* one = object_pool::take();
    keep(one);
    object_pool::give(one);
  }
}

void malloc_floor(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    object* one = new object;
    keep(one);
    delete one;
  }
}

template <object* (*Take)(), void (*Release)(object*) noexcept>
void gather(std::size_t operations) {
  object* gathered[objects_gathered];
  std::size_t count = 0;
  for (std::size_t i = 0; i < operations; ++i) {
    object* one = Take();
    keep(one);
    gathered[count++] = one;
    if (count != objects_gathered && i + 1 != operations) continue;
    while (count != 0) Release(gathered[--count]);
  }
}

void empty_loop(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) keep(nullptr);
}

void plain_loads(std::size_t operations) {
  read_loop(operations, [] { return plainly_published; }, [] {});
}

}  // namespace

contender lull_contender() {
  return {.name = "lull",
          .retire_release_pool = retire_release_pool,
          .retire_free_malloc = retire_free_malloc,
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

void stop_clock_of_lull() { self().use_clock(standing_clock()); }

contender floor_contender() {
  return {.name = "floor",
          .retire_release_pool = pool_floor,
          .retire_free_malloc = malloc_floor,
          .announce_unchanged = empty_loop,
          .read = plain_loads};
}

contender gathering_contender() {
  return {.name = "gathering",
          .retire_release_pool = gather<take_from_pool, give_to_pool>,
          .retire_free_malloc = gather<take_new, free_again>};
}

}  // namespace lull::bench
