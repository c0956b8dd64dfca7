// SPDX-License-Identifier: MIT
// Timers of lull: the queue alone, tasks that sleep, and what a task takes of the heap while it
// waits.

#include <lull/sched/event.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/task.hpp>

#include <array>
#include <memory>

#include "sched_contest.hpp"
#include "sched_lull_core.hpp"
#include "sched_rows.hpp"
#include "sched_shapes.hpp"

namespace lull::bench {
namespace {

struct idle_timer : detail::timer_node {
  idle_timer() noexcept : timer_node([](timer_node&) noexcept {}) {}
};

// A million timers in a queue of their own.
class many_timers {
 public:
  many_timers() {
    for (std::size_t i = 0; i < timers_armed; ++i) arm(i);
  }
  ~many_timers() {
    for (std::size_t i = 0; i < timers_armed; ++i) queue_.cancel(timers_[i]);
  }
  void arm_again(std::size_t i) {
    queue_.cancel(timers_[i]);
    arm(i);
  }

 private:
  void arm(std::size_t i) { queue_.arm(timers_[i], time_point(within_an_hour())); }

  std::unique_ptr<idle_timer[]> timers_{new idle_timer[timers_armed]};
  detail::timer_queue queue_;
};

task<> sleep_after(event* begin, nanoseconds time) {
  co_await begin->wait();
  co_await sleep(time);
}

task<> sleep_all(const std::vector<nanoseconds>* times, std::int64_t* took_ns) {
  event begin;
  scope all;
  for (const nanoseconds time : *times) all.spawn(sleep_after, &begin, time);
  co_await yield();
  const std::int64_t start = thread_time_ns();
  begin.set();
  co_await all.join();
  *took_ns = thread_time_ns() - start;
}

std::int64_t fire_on(driven_core& core, const std::vector<nanoseconds>& times) {
  std::int64_t took_ns = 0;
  core.run(when_idle::sleep, sleep_all, &times, &took_ns);
  return took_ns;
}

// Whose timers may come a millisecond late.
driven_core& coarse_core() {
  static driven_core one(core_options{.timer_slack = std::chrono::milliseconds(1)});
  return one;
}

std::int64_t fire(const std::vector<nanoseconds>& times) { return fire_on(lull_core(), times); }

std::int64_t fire_coarse(const std::vector<nanoseconds>& times) {
  return fire_on(coarse_core(), times);
}

task<> sleep_and_look(nanoseconds time, std::vector<double>* late_us) {
  const time_point until = std::chrono::steady_clock::now() + time;
  co_await sleep(time);
  late_us->push_back(microseconds_since(until));
}

task<> look_at_all(const std::vector<nanoseconds>* times, std::vector<double>* late_us) {
  scope all;
  for (const nanoseconds time : *times) all.spawn(sleep_and_look, time, late_us);
  co_await all.join();
}

std::vector<double> lateness(const std::vector<nanoseconds>& times) {
  std::vector<double> late_us;
  late_us.reserve(times.size());
  lull_core().run(when_idle::sleep, look_at_all, &times, &late_us);
  return late_us;
}

task<> sleep_often(std::size_t count, nanoseconds time, std::int64_t* took_ns) {
  const std::int64_t start = thread_time_ns();
  for (std::size_t i = 0; i < count; ++i) co_await sleep(time);
  *took_ns = thread_time_ns() - start;
}

task<> wait_for(event* end) { co_await end->wait(); }

task<> suspend_many(std::size_t count, std::size_t* bytes) {
  event end;
  scope all;
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < count; ++i) all.spawn(wait_for, &end);
  co_await yield();
  *bytes = heap_bytes() - before;
  end.set();
  co_await all.join();
}

std::size_t suspended_bytes(std::size_t count) {
  driven_core fresh;
  std::size_t bytes = 0;
  fresh.run(when_idle::come_back, suspend_many, count, &bytes);
  return bytes;
}

task<> await_deeper(std::size_t levels, event* end) {
  if (levels == 0) co_return co_await wait_for(end);
  co_await await_deeper(levels - 1, end);
}

task<> await_many(std::size_t levels, std::size_t* bytes) {
  event end;
  scope one;
  const std::size_t before = heap_bytes();
  one.spawn(await_deeper, levels, &end);
  co_await yield();
  *bytes = heap_bytes() - before;
  end.set();
  co_await one.join();
}

std::size_t awaiting_bytes(std::size_t count) {
  driven_core fresh;
  std::size_t bytes = 0;
  fresh.run(when_idle::come_back, await_many, count, &bytes);
  return bytes;
}

}  // namespace

std::int64_t naps_of_lull(std::size_t count, nanoseconds time) {
  std::int64_t took_ns = 0;
  lull_core().run(when_idle::sleep, sleep_often, count, time, &took_ns);
  return took_ns;
}

std::vector<double> looks_at_timers_of_lull() {
  constexpr std::uint64_t all_us = 30'000'000;
  constexpr nanoseconds step = std::chrono::microseconds(50);
  // As far apart as in the frames of tasks.
  struct sleeper : idle_timer {
    std::array<std::byte, 192 - sizeof(idle_timer)> rest;
  };
  const std::unique_ptr<sleeper[]> timers(new sleeper[timers_armed]);
  detail::timer_queue queue;
  time_point now{};
  for (std::size_t i = 0; i < timers_armed; ++i) {
    queue.arm(timers[i], now + std::chrono::microseconds(all_us * next_random() >> 32));
  }
  std::vector<double> took_us;
  for (; !queue.empty(); now += step) {
    const auto before = std::chrono::steady_clock::now();
    queue.expire(now);
    took_us.push_back(microseconds_since(before));
  }
  return took_us;
}

void add_timers_of_lull(scheduler& lull) {
  lull.timer_arm_cancel = arm_again_in_order<many_timers>;
  lull.timer_arm_cancel_random = arm_again_at_random<many_timers>;
  lull.fire = fire;
  lull.fire_coarse = fire_coarse;
  lull.lateness = lateness;
  lull.suspended_bytes = suspended_bytes;
  lull.awaiting_bytes = awaiting_bytes;
}

}  // namespace lull::bench
