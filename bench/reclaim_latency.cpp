// SPDX-License-Identifier: MIT
// From retire to release, between two threads on two CPUs. Both make iterations of a microsecond
// (they spin on the clock) that end in a quiescent state; one of them retires an object half-way
// through each of its own, and the deleter notes how long ago that was. The libraries take turns of
// some milliseconds; the other thread is a reader of that library alone.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "processor.hpp"
#include "reclaim_rows.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

constexpr std::chrono::nanoseconds half_iteration{500};
constexpr std::chrono::milliseconds slot{12};
constexpr double ns_per_us = 1000;

std::vector<double> waited_us;  // of the slot, in the order of release

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void spin(std::chrono::nanoseconds time) {
  const std::int64_t until = now() + time.count();
  while (now() < until) continue;
}

// The other thread. It reads in the library that it was told of, until told that it is enough.
class partner {
 public:
  explicit partner(int cpu) : thread_([this, cpu] { run(cpu); }) {}
  ~partner() { tell(&end_); }

  void read_in(const contender& library) { tell(&library); }
  void rest() { tell(nullptr); }

  // While it read last.
  bool was_preempted() const { return preempted_; }

 private:
  void tell(const contender* library) {
    told_.store(library, std::memory_order_release);
    while (doing_.load(std::memory_order_acquire) != library) continue;
  }

  void run(int cpu) {
    pin_to(cpu);
    long before = 0;
    for (const contender* doing = nullptr; doing != &end_;) {
      const contender* const next = told_.load(std::memory_order_acquire);
      if (next != doing) {
        if (doing != nullptr) doing->reader_leaves();
        preempted_ = preemptions() != before;
        before = preemptions();
        if (next != nullptr && next != &end_) next->reader_joins();
        doing = next;
        doing_.store(doing, std::memory_order_release);
      } else if (doing != nullptr) {
        spin(2 * half_iteration);
        doing->reader_announces();
      }
    }
  }

  bool preempted_ = false;  // handed over by doing_
  const contender end_{};   // its address alone says something
  std::atomic<const contender*> told_{nullptr};
  std::atomic<const contender*> doing_{nullptr};
  std::jthread thread_;
};

struct latency {
  double p50;
  double p99;
  bool disturbed;  // other work had one of the two CPUs for a while
};

latency measure_slot(const contender& library, partner& reader) {
  waited_us.clear();
  reader.read_in(library);
  std::size_t retired = 0;
  const long before = preemptions();
  for (const std::int64_t end = now() + std::chrono::nanoseconds(slot).count(); now() < end;) {
    spin(half_iteration);
    object* one = object_pool::take();
    one->retired_at = now();
    library.retire_timed(one);
    ++retired;
    spin(half_iteration);
    library.announces();
  }
  const bool preempted = preemptions() != before;
  reader.rest();
  const std::size_t in_time = waited_us.size();
  library.drains();
  if (waited_us.size() != retired) {
    std::fprintf(stderr, "reclaim: %s released %zu of %zu objects: its latency means nothing\n",
                 library.name, waited_us.size(), retired);
    std::exit(1);
  }
  // What was released after the slot waited less than it would have: it does not count.
  if (in_time != 0) waited_us.resize(in_time);
  std::sort(waited_us.begin(), waited_us.end());
  return {quantile(waited_us, 0.5), quantile(waited_us, 0.99), preempted || reader.was_preempted()};
}

// On a machine that is busy this may have to be taken again; a few times.
latency measure_undisturbed(const contender& library, partner& reader) {
  constexpr int attempts = 8;
  latency found = measure_slot(library, reader);
  for (int i = 1; i < attempts && found.disturbed; ++i) found = measure_slot(library, reader);
  return found;
}

void note_round(const std::vector<latency>& found, double latency::* quantile_of, finding& row) {
  row.own.push_back(found[0].*quantile_of);
  for (std::size_t i = 1; i < found.size(); ++i) {
    row.peers[i - 1].values.push_back(found[i].*quantile_of);
    row.peers[i - 1].ratios.push_back(found[0].*quantile_of / found[i].*quantile_of);
  }
}

}  // namespace

void note_release(object* one) noexcept {
  waited_us.push_back(static_cast<double>(now() - one->retired_at) / ns_per_us);
  object_pool::give(one);
}

void print_latency_rows(double seconds) {
  const int own = own_cpu();
  const std::optional<int> other = another_cpu(own);
  pin_to(own);
  if (!other) {
    std::fprintf(stderr,
                 "reclaim: the time from retire to release is left out: it takes two CPUs, and one "
                 "is allowed\n");
    return;
  }
  std::vector<contender> all = peer_contenders();
  all.insert(all.begin(), lull_contender());
  finding p50{.name = "retire_to_free_p50", .unit = "us"};
  finding p99{.name = "retire_to_free_p99", .unit = "us"};
  for (std::size_t i = 1; i < all.size(); ++i) {
    p50.peers.push_back({.name = all[i].name});
    p99.peers.push_back({.name = all[i].name});
  }
  waited_us.reserve(std::size_t{1} << 18);
  partner reader(*other);
  std::vector<latency> found(all.size());
  std::size_t left_out = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (std::size_t round = 0; round < 3 || std::chrono::steady_clock::now() < end; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t visited = (round + i) % all.size();
      found[visited] = measure_undisturbed(all[visited], reader);
    }
    if (std::ranges::any_of(found, &latency::disturbed)) {
      ++left_out;
      continue;
    }
    note_round(found, &latency::p50, p50);
    note_round(found, &latency::p99, p99);
  }
  if (left_out != 0) {
    std::fprintf(stderr,
                 "reclaim: of the time from retire to release %zu rounds are left out and %zu "
                 "count: other work had one of the CPUs\n",
                 left_out, p50.own.size());
  }
  if (p50.own.empty()) return;
  print(p50);
  print(p99);
}

}  // namespace lull::bench
