// SPDX-License-Identifier: MIT
// The references of the calls between cores: two threads that hand a number to and fro, through
// memory alone while both look at it, or through a futex on which each sleeps.

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "processor.hpp"
#include "sched_rows.hpp"

namespace lull::bench {
namespace {

using clock = std::chrono::steady_clock;
using word = std::atomic<std::uint32_t>;

void wait_while(word& at, std::uint32_t value) {
  syscall(SYS_futex, &at, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void wake(word& at) { syscall(SYS_futex, &at, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

// How long each call took, of those that `once` makes.
template <class Once>
std::vector<double> timed(std::size_t times, Once once) {
  std::vector<double> took(times);
  clock::time_point before = clock::now();
  for (double& one : took) {
    once();
    const clock::time_point after = clock::now();
    one = std::chrono::duration<double, std::nano>(after - before).count();
    before = after;
  }
  return took;
}

class with_memory : public two_threads {
 public:
  explicit with_memory(int other_cpu) : thread_([this, other_cpu] { answer(other_cpu); }) {}
  ~with_memory() override { tell(end); }

  std::vector<double> call(std::size_t times) override {
    tell(look);
    auto took = timed(times, [this] {
      const std::uint32_t asked = asked_.load(std::memory_order_relaxed) + 1;
      asked_.store(asked, std::memory_order_release);
      while (answered_.load(std::memory_order_acquire) != asked) continue;
    });
    tell(rest);
    return took;
  }

 private:
  enum : std::uint32_t { rest, look, end };

  void tell(std::uint32_t what) {
    told_.store(what, std::memory_order_release);
    wake(told_);
  }

  void answer(int cpu) {
    pin_to(cpu);
    for (;;) {
      const std::uint32_t told = told_.load(std::memory_order_acquire);
      if (told == end) return;
      if (told == rest) {
        wait_while(told_, rest);
        continue;
      }
      for (int i = 0; i < 1000; ++i) {
        const std::uint32_t asked = asked_.load(std::memory_order_acquire);
        if (asked != answered_.load(std::memory_order_relaxed)) {
          answered_.store(asked, std::memory_order_release);
        }
      }
    }
  }

  alignas(64) word asked_{0};
  alignas(64) word answered_{0};
  alignas(64) word told_{rest};
  std::jthread thread_;
};

class with_futex : public two_threads {
 public:
  explicit with_futex(int other_cpu) : thread_([this, other_cpu] { answer(other_cpu); }) {}
  ~with_futex() override {
    ended_.store(true, std::memory_order_relaxed);
    give(asked_);
  }

  std::vector<double> call(std::size_t times) override {
    return timed(times, [this] {
      give(asked_);
      take(answered_);
    });
  }

 private:
  static void give(word& at) {
    at.store(1, std::memory_order_release);
    wake(at);
  }
  static void take(word& at) {
    while (at.load(std::memory_order_acquire) == 0) wait_while(at, 0);
    at.store(0, std::memory_order_relaxed);
  }

  void answer(int cpu) {
    pin_to(cpu);
    for (;;) {
      take(asked_);
      if (ended_.load(std::memory_order_relaxed)) return;
      give(answered_);
    }
  }

  alignas(64) word asked_{0};
  alignas(64) word answered_{0};
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<two_threads> threads_with_memory(int other_cpu) {
  return std::make_unique<with_memory>(other_cpu);
}

std::unique_ptr<two_threads> threads_with_futex(int other_cpu) {
  return std::make_unique<with_futex>(other_cpu);
}

}  // namespace lull::bench
