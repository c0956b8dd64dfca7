// SPDX-License-Identifier: MIT

// More threads than CPUs on one domain: readers, writers, threads that come and go, and one that
// sleeps. An object that is released ages first: its deleter counts a grace period and retires it
// again, three times, before it is freed. A reader that sees an age in what it holds has found an
// object that was released under it. Deleters also write a plain field that readers read, so that
// ThreadSanitizer judges the edges; some objects are freed at once, for AddressSanitizer.
//
// LULL_TORTURE_SECONDS and LULL_TORTURE_SEED change the defaults; the seed is printed on failure.

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include <lull/reclaim/retire.hpp>

namespace {

constexpr std::uint32_t alive = 0xa11fe;

struct object {
  std::atomic<std::uint32_t> age{0};  // grace periods since it was unlinked
  std::uint32_t payload = alive;      // plain: written by the deleter
  std::atomic<std::uint64_t>* freed;
  bool ages;

  object(std::atomic<std::uint64_t>& count, bool ages_first) : freed(&count), ages(ages_first) {}
  ~object() { freed->fetch_add(1, std::memory_order_relaxed); }
};

struct grow_old {
  void operator()(object* old) const noexcept {
    old->payload = 0;
    if (!old->ages || old->age.fetch_add(1, std::memory_order_relaxed) == 2) {
      delete old;
      return;
    }
    lull::retire(std::unique_ptr<object, grow_old>(old));
  }
};

struct random_numbers {
  std::uint64_t state;
  std::uint32_t below(std::uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::uint32_t>((state >> 11) % limit);
  }
};

struct world {
  lull::domain domain;
  std::array<std::atomic<object*>, 16> cells{};
  std::atomic<std::uint64_t> made{0};
  std::atomic<std::uint64_t> freed{0};
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> released_under_a_reader{0};
  std::atomic<std::uint64_t> joins{0};
  std::atomic<bool> stop{false};

  bool running() const { return !stop.load(std::memory_order_relaxed); }

  object* make(random_numbers& random) {
    made.fetch_add(1, std::memory_order_relaxed);
    return new object(freed, random.below(4) != 0);
  }
};

// Holds an object for a while and looks at it again and again.
void read(world& on, random_numbers& random) {
  const object* held = on.cells[random.below(static_cast<std::uint32_t>(on.cells.size()))].load(
      std::memory_order_acquire);
  if (held == nullptr) return;
  bool wrong = false;
  for (std::uint32_t looks = 1 + random.below(4); looks > 0; --looks) {
    wrong = wrong || held->age.load(std::memory_order_relaxed) != 0 || held->payload != alive;
    if (random.below(64) == 0) std::this_thread::yield();
  }
  if (wrong) on.released_under_a_reader.fetch_add(1, std::memory_order_relaxed);
  on.reads.fetch_add(1, std::memory_order_relaxed);
}

void write(world& on, random_numbers& random) {
  std::atomic<object*>& cell = on.cells[random.below(static_cast<std::uint32_t>(on.cells.size()))];
  object* old = cell.exchange(on.make(random), std::memory_order_acq_rel);
  if (old != nullptr) lull::retire(std::unique_ptr<object, grow_old>(old));
}

void be_quiescent(lull::participant& me) {
  me.quiescent();
  // More threads than CPUs: whoever has much in limbo lets the others run.
  if (me.statistics().limbo_objects > 2000) std::this_thread::yield();
}

void reader(world& on, random_numbers random) {
  lull::participant me(on.domain);
  while (on.running()) {
    for (std::uint32_t i = random.below(8); i > 0; --i) read(on, random);
    be_quiescent(me);
  }
}

void writer(world& on, random_numbers random) {
  lull::participant me(on.domain);
  while (on.running()) {
    for (std::uint32_t i = random.below(8); i > 0; --i) write(on, random);
    read(on, random);
    be_quiescent(me);
  }
}

// Joins, works and leaves, with limbo and without, online and offline.
void churner(world& on, random_numbers random) {
  while (on.running()) {
    lull::participant me(on.domain);
    on.joins.fetch_add(1, std::memory_order_relaxed);
    for (std::uint32_t i = random.below(30); i > 0; --i) {
      read(on, random);
      if (random.below(2) == 0) write(on, random);
      if (random.below(4) == 0) be_quiescent(me);
    }
    if (random.below(3) == 0) static_cast<void>(me.offline());
  }
}

// Works a little, drives, and sleeps offline while it may.
void sleeper(world& on, random_numbers random) {
  lull::participant me(on.domain);
  while (on.running()) {
    for (std::uint32_t i = random.below(10); i > 0; --i) read(on, random);
    if (random.below(2) == 0) write(on, random);
    static_cast<void>(me.drive());
    if (!me.offline()) continue;
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(300)));
    me.online();
  }
}

double number_from(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atof(text);
}

}  // namespace

TEST_CASE("no object is released under a reader, and all are released in the end") {
  const auto seed = static_cast<std::uint64_t>(number_from("LULL_TORTURE_SEED", 20261));
  const double seconds = number_from("LULL_TORTURE_SECONDS", 1.5);
  CAPTURE(seed, seconds);
  auto on = std::make_unique<world>();
  std::vector<std::thread> threads;
  std::uint64_t number = 0;
  const auto start = [&](void (*play)(world&, random_numbers)) {
    ++number;
    threads.emplace_back(play, std::ref(*on), random_numbers{seed * 0x9e3779b97f4a7c15u + number});
  };
  for (int i = 0; i < 2; ++i) start(&reader);
  for (int i = 0; i < 2; ++i) start(&writer);
  for (int i = 0; i < 2; ++i) start(&churner);
  for (int i = 0; i < 2; ++i) start(&sleeper);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  on->stop.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads) thread.join();

  CHECK(on->released_under_a_reader.load() == 0);
  CHECK(on->domain.statistics().participants == 0);
  CHECK(on->domain.statistics().orphans == 0);
  for (std::atomic<object*>& cell : on->cells) delete cell.load();
  CHECK(on->made.load() == on->freed.load());
  CHECK(on->reads.load() > 0);
  CHECK(on->joins.load() > 0);
  const lull::domain_statistics end = on->domain.statistics();
  CHECK(end.epoch > 10);
  CHECK(end.slots <= 8);
  if (std::getenv("LULL_TORTURE_SECONDS") != nullptr) {
    WARN("epochs " << end.epoch << ", reads " << on->reads.load() << ", objects " << on->made.load()
                   << ", joins " << on->joins.load());
  }
}
