// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace litmus {

world w;
const program* selected = nullptr;
std::uint64_t next_iteration = 1;
bool trace = false;

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

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

void start_threads(unsigned maker) {
  for (unsigned i = 0; i < w.threads; ++i) {
    if (i != maker) w.now[i].join(w.now[maker]);
  }
  ++w.now[maker].of[maker];
  w.running = true;
  w.current = w.random(w.threads);
}

namespace {

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

}  // namespace

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

namespace {

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

}  // namespace

void learn(const clock* released, std::memory_order o) {
  if (released != nullptr && acquires(o)) w.now[self()].join(*released);
}

const clock* publish(std::memory_order o, const clock* before) {
  if (!releases(o)) return before;
  const unsigned me = self();
  clock* one = new_clock();
  *one = w.now[me];
  if (before != nullptr) one->join(*before);
  ++w.now[me].of[me];
  return one;
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

}  // namespace litmus
