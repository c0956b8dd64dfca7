// SPDX-License-Identifier: MIT

// Runs litmus programs under relacy. relacy chooses what a load returns (any store that C++ lets it
// see, fences included). Two things are done here, because relacy does them differently:
//
// - Happens-before for the race check. relacy lets a full fence synchronise with every earlier one,
//   so an order that is too weak hides behind the next fence. Here each stored value carries the
//   vector clock that its store released, and only acquire loads join it.
// - The schedule. relacy picks a thread evenly at each step; many faults need one thread to stand
//   still while others go a long way. Here half of the runs are random walks of different
//   stickiness, and half go by priorities that change at a few random steps.

// Not relacy.hpp: that also turns new, delete and assert into macros. In this order.
// clang-format off
#include <relacy/base.hpp>
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/atomic_fence.hpp>
#include <relacy/atomic.hpp>
#include <relacy/var.hpp>
#include <relacy/thread_local.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/stdlib/event.hpp>
// clang-format on
#undef $

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "litmus.hpp"

namespace litmus {
namespace {

constexpr unsigned most_threads = 4;

using clock_value = std::uint32_t;
struct clock {
  clock_value of[most_threads] = {};
  void join(const clock& other) {
    for (unsigned i = 0; i < most_threads; ++i) {
      if (of[i] < other.of[i]) of[i] = other.of[i];
    }
  }
};

// A stored value, and what a load of it with acquire learns. Compared by the value alone.
struct cell {
  std::uint64_t bits = 0;
  const clock* released = nullptr;

  friend bool operator==(const cell& a, const cell& b) { return a.bits == b.bits; }
  friend cell operator+(const cell& a, const cell& b) { return {a.bits + b.bits, b.released}; }
  friend std::ostream& operator<<(std::ostream& out, const cell& one) { return out << one.bits; }
};

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The state of one iteration. There is one system thread; relacy's threads are fibres in it.
struct world {
  unsigned threads = 0;
  bool running = false;  // between the constructor of the run and after()
  std::uint64_t random_state = 0;
  clock now[most_threads];

  // schedule
  unsigned current = 0;
  bool finished[most_threads] = {};
  unsigned priority[most_threads] = {};
  bool by_priority = false;
  unsigned stickiness = 0;  // of 16
  unsigned steps = 0;
  unsigned longest = 32;  // steps of the longest iteration so far, for where priorities change
  std::array<unsigned, 4> changes{};

  std::array<clock, 8192> arena;
  unsigned arena_used = 0;

  unsigned random(unsigned limit) {
    random_state = mix(random_state);
    return static_cast<unsigned>((random_state >> 20) % limit);
  }
};

world w;
const program* selected = nullptr;
std::uint64_t next_iteration = 1;
bool trace = false;

unsigned self() { return rl::thread_index(); }

[[noreturn]] void fail(const char* what, const place& at) {
  const char* file = std::strrchr(at.file_name(), '/');
  std::printf("%s: %s (%s:%u, thread %u, iteration %llu)\n", selected->name, what,
              file != nullptr ? file + 1 : at.file_name(), at.line(), self(),
              static_cast<unsigned long long>(next_iteration - 1));
  std::fflush(stdout);
  std::_Exit(1);
}

void begin_iteration(std::uint64_t number) {
  w.random_state = mix(number + 1);
  w.running = false;
  for (clock& one : w.now) one = clock{};
  for (unsigned i = 0; i < most_threads; ++i) {
    w.now[i].of[i] = 1;
    w.finished[i] = false;
    w.priority[i] = w.random(1u << 16);
  }
  if (w.steps > w.longest && w.steps < 4096) w.longest = w.steps;
  w.steps = 0;
  w.arena_used = 0;
  w.by_priority = w.random(2) == 0;
  constexpr unsigned stickinesses[] = {0, 8, 12, 14, 15};
  w.stickiness = stickinesses[w.random(5)];
  const unsigned count = 1 + w.random(static_cast<unsigned>(w.changes.size()));
  for (unsigned i = 0; i < w.changes.size(); ++i) {
    w.changes[i] = i < count ? 1 + w.random(w.longest) : 0;
  }
}

// All of what the constructor did happens before the threads.
void start_threads(unsigned maker) {
  for (unsigned i = 0; i < w.threads; ++i) {
    if (i != maker) w.now[i].join(w.now[maker]);
  }
  ++w.now[maker].of[maker];
  w.running = true;
  w.current = w.random(w.threads);
}

unsigned best_by_priority() {
  unsigned best = most_threads;
  for (unsigned i = 0; i < w.threads; ++i) {
    if (!w.finished[i] && (best == most_threads || w.priority[i] > w.priority[best])) best = i;
  }
  return best;
}

unsigned any_running() {
  unsigned running[most_threads];
  unsigned count = 0;
  for (unsigned i = 0; i < w.threads; ++i) {
    if (!w.finished[i]) running[count++] = i;
  }
  return count == 0 ? most_threads : running[w.random(count)];
}

void choose() {
  if (w.by_priority) {
    for (const unsigned at : w.changes) {
      if (at == w.steps && !w.finished[w.current]) w.priority[w.current] = w.random(1u << 15);
    }
    w.current = best_by_priority();
  } else if (w.finished[w.current] || w.random(16) >= w.stickiness) {
    w.current = any_running();
  }
}

void wait_for_turn() {
  const unsigned me = self();
  while (w.current != me) rl::ctx().sched();
}

// Before each atomic operation: the point at which another thread may go on.
void step() {
  if (!w.running) return;
  ++w.steps;
  choose();
  wait_for_turn();
}

void show(const char* what, const void* address, std::uint64_t value, const place& at) {
  if (!trace) return;
  const char* file = std::strrchr(at.file_name(), '/');
  std::printf("%4u thread %u  %-8s %p %llu  %s:%u\n", w.steps, self(), what, address,
              static_cast<unsigned long long>(value), file != nullptr ? file + 1 : at.file_name(),
              at.line());
}

clock* new_clock() {
  if (w.arena_used == w.arena.size()) {
    std::printf("%s: it does not come to an end: too many stores (iteration %llu)\n",
                selected->name, static_cast<unsigned long long>(next_iteration - 1));
    std::fflush(stdout);
    std::_Exit(1);
  }
  clock* one = &w.arena[w.arena_used++];
  *one = clock{};
  return one;
}

bool acquires(std::memory_order o) {
  return o == std::memory_order_acquire || o == std::memory_order_acq_rel ||
         o == std::memory_order_seq_cst;
}
bool releases(std::memory_order o) {
  return o == std::memory_order_release || o == std::memory_order_acq_rel ||
         o == std::memory_order_seq_cst;
}

rl::memory_order translated(std::memory_order o) {
  switch (o) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    case std::memory_order_seq_cst:
      break;
  }
  return rl::mo_seq_cst;
}

void learn(const clock* released, std::memory_order o) {
  if (released != nullptr && acquires(o)) w.now[self()].join(*released);
}

// The clock that a store publishes. `before` continues the release sequence of a read-modify-write.
const clock* publish(std::memory_order o, const clock* before) {
  if (!releases(o)) return before;
  const unsigned me = self();
  clock* one = new_clock();
  *one = w.now[me];
  if (before != nullptr) one->join(*before);
  ++w.now[me].of[me];
  return one;
}

using relacy_atomic = rl::atomic<cell>;
static_assert(sizeof(relacy_atomic) + sizeof(void*) <= 144);

// relacy's atomic, and the clock of the newest store, for read-modify-writes to go on from.
struct slot_of_word {
  explicit slot_of_word(std::uint64_t initial) : atomic(cell{initial, nullptr}) {}
  relacy_atomic atomic;
  const clock* newest = nullptr;
};
static_assert(sizeof(slot_of_word) <= 160);

slot_of_word& inside(unsigned char* storage) {
  return *std::launder(reinterpret_cast<slot_of_word*>(storage));
}

// The operation itself must not switch threads: step() has done it.
struct uninterrupted {
  uninterrupted() { rl::ctx().disable_preemption(); }
  ~uninterrupted() { rl::ctx().enable_preemption(); }
};

const rl::debug_info nowhere{"", "", 0};

}  // namespace

word::word(std::uint64_t initial) noexcept {
  step();
  const uninterrupted whole;
  ::new (static_cast<void*>(storage_)) slot_of_word(initial);
}

word::~word() { inside(storage_).~slot_of_word(); }

std::uint64_t word::load(std::memory_order order, const place& at) const noexcept {
  step();
  const uninterrupted whole;
  const cell got = inside(storage_).atomic.load(translated(order), nowhere);
  learn(got.released, order);
  show("load", this, got.bits, at);
  return got.bits;
}

void word::store(std::uint64_t value, std::memory_order order, const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  mine.newest = publish(order, nullptr);
  mine.atomic.store(cell{value, mine.newest}, translated(order), nowhere);
  show("store", this, value, at);
}

std::uint64_t word::exchange(std::uint64_t value, std::memory_order order,
                             const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  learn(mine.newest, order);
  mine.newest = publish(order, mine.newest);
  const cell old = mine.atomic.exchange(cell{value, mine.newest}, translated(order), nowhere);
  show("exchange", this, old.bits, at);
  return old.bits;
}

std::uint64_t word::add(std::uint64_t value, std::memory_order order, const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  learn(mine.newest, order);
  mine.newest = publish(order, mine.newest);
  const cell old = mine.atomic.rmw(rl::rmw_type_t<rl::rmw_type_add>(), cell{value, mine.newest},
                                   translated(order), nowhere);
  show("add", this, old.bits, at);
  return old.bits;
}

bool word::compare_exchange(std::uint64_t& expected, std::uint64_t desired,
                            std::memory_order success, std::memory_order failure, bool weak,
                            const place& at) noexcept {
  step();
  const uninterrupted whole;
  slot_of_word& mine = inside(storage_);
  if (mine.atomic.debug_value().bits != expected || (weak && w.random(8) == 0)) {
    // A failed exchange is a load of the newest value.
    learn(mine.newest, failure);
    expected = mine.atomic.debug_value().bits;
    // Through relacy too, with a value that cannot match, so that what is visible stays in step.
    // Its rule that failure is not stronger than success is older than C++17: both are `failure`
    // here.
    cell never{~expected, nullptr};
    const rl::memory_order seen = translated(failure);
    mine.atomic.compare_exchange_strong(never, cell{}, seen, nowhere, seen, nowhere);
    show("cas-no", this, expected, at);
    return false;
  }
  learn(mine.newest, success);
  mine.newest = publish(success, mine.newest);
  cell old{expected, nullptr};
  mine.atomic.compare_exchange_strong(old, cell{desired, mine.newest}, translated(success),
                                      nowhere);
  show("cas", this, desired, at);
  return true;
}

void full_fence(const place& at) noexcept {
  step();
  const uninterrupted whole;
  rl::atomic_thread_fence(rl::mo_seq_cst, nowhere);
  show("fence", nullptr, 0, at);
}

unsigned random(unsigned limit) { return w.random(limit); }

void check(bool condition, const char* sentence, const place& at) {
  if (!condition) fail(sentence, at);
}

void object::fail(const char* what, const place& at) const { litmus::fail(what, at); }

void object::read(const place& at) {
  const unsigned me = self();
  show("read", this, released_, at);
  for (unsigned i = 0; i < most_threads; ++i) {
    if (written_[i] > w.now[me].of[i]) fail("data race: a read beside a write", at);
  }
  if (released_) fail("used after it was released", at);
  read_[me] = w.now[me].of[me];
}

void object::write(const place& at) {
  const unsigned me = self();
  show("write", this, released_, at);
  for (unsigned i = 0; i < most_threads; ++i) {
    if (written_[i] > w.now[me].of[i]) fail("data race: a write beside a write", at);
    if (read_[i] > w.now[me].of[i]) fail("data race: a write beside a read", at);
  }
  if (released_) fail("used after it was released", at);
  written_[me] = w.now[me].of[me];
}

void object::release(const place& at) {
  write(at);
  released_ = true;
}

namespace {

// relacy wants the number of threads as a constant, and makes one of these for each iteration.
template <int Threads>
struct suite : rl::test_suite<suite<Threads>, Threads> {
  std::unique_ptr<run> mine;

  void before() {
    w.threads = Threads;
    begin_iteration(next_iteration++);
    mine = selected->make();
    start_threads(self());
  }
  void thread(unsigned index) {
    wait_for_turn();
    mine->thread(index);
    w.finished[index] = true;
    choose();
  }
  void after() {
    w.running = false;
    const unsigned me = self();
    for (const clock& one : w.now) w.now[me].join(one);
    mine->after();
    mine.reset();
  }
};

template <int Threads>
bool explore(std::uint64_t first, std::uint64_t iterations) {
  next_iteration = first;
  rl::test_params parameters;
  parameters.iteration_count = first + iterations - 1;
  parameters.search_type = rl::random_scheduler_type;
  parameters.execution_depth_limit = 1u << 24;
  parameters.context_bound = 0;
  std::ostringstream text;
  parameters.output_stream = &text;
  parameters.progress_stream = &text;
  // Not rl::simulate, which would compile all three of its schedulers.
  using scheduler = rl::random_scheduler<Threads>;
  typename scheduler::shared_context_t shared;
  std::istringstream start(std::to_string(first) + " ");
  std::ostringstream state;
  rl::context_impl<suite<Threads>, scheduler> context(parameters, shared);
  const rl::test_result_e result = context.simulate(state, start, false);
  if (result != rl::test_result_success) {
    std::printf("%s: %s (iteration %llu)\n", selected->name, rl::test_result_str(result),
                static_cast<unsigned long long>(next_iteration - 1));
  }
  return result == rl::test_result_success;
}

std::array<program, 32> programs;
unsigned program_count = 0;

}  // namespace

void enlist(const program& one) { programs.at(program_count++) = one; }

}  // namespace litmus

// litmus                          lists the programs
// litmus NAME ITERATIONS [FIRST]  runs one; status 1 when it fails
// litmus NAME trace ITERATION     runs one iteration and prints each step
int main(int count, char** arguments) {
  using namespace litmus;
  if (count < 3) {
    for (unsigned i = 0; i < program_count; ++i) std::printf("%s\n", programs[i].name);
    return count == 1 ? 0 : 2;
  }
  for (unsigned i = 0; i < program_count; ++i) {
    if (std::strcmp(programs[i].name, arguments[1]) == 0) selected = &programs[i];
  }
  if (selected == nullptr) {
    std::printf("there is no litmus program %s\n", arguments[1]);
    return 2;
  }
  trace = std::strcmp(arguments[2], "trace") == 0;
  const std::uint64_t iterations = trace ? 1 : std::strtoull(arguments[2], nullptr, 10);
  const std::uint64_t first = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1;
  const bool passed = selected->threads == 2   ? explore<2>(first, iterations)
                      : selected->threads == 3 ? explore<3>(first, iterations)
                                               : explore<4>(first, iterations);
  if (passed) {
    std::printf("%s: %llu runs, up to %u steps each\n", selected->name,
                static_cast<unsigned long long>(next_iteration - first), w.longest);
  }
  return passed ? 0 : 1;
}
