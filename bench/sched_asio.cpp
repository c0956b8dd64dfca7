// SPDX-License-Identifier: MIT
// A peer of the scheduling rows: asio's coroutines and timers, on an io_context that is told that
// one thread uses it, and whose executor's type the compiler knows.

#include "sched_contest.hpp"
#include "sched_shapes.hpp"

#ifdef LULL_BENCH_ASIO

#include <deque>

#include "sched_asio.hpp"

namespace lull::bench {
namespace {

using clock = std::chrono::steady_clock;
using executor = asio::io_context::executor_type;
template <class T>
using awaitable = asio::awaitable<T, executor>;
using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor>;
constexpr asio::use_awaitable_t<executor> awaited;

asio::io_context& context() {
  static asio::io_context one(ASIO_CONCURRENCY_HINT_UNSAFE);
  return one;
}

template <class Coroutine>
void start(Coroutine one) {
  asio::co_spawn(context(), std::move(one), asio::detached);
}

// What is ready, and for what is waited.
void run_all() {
  context().restart();
  context().run();
}

[[gnu::noinline]] awaitable<int> ready_task(int value) { co_return value; }

awaitable<void> await_tasks(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    awaitable<int> one = ready_task(1);
    const int got = co_await std::move(one);
    keep(&got);
  }
}

void task_loop(std::size_t operations) {
  start(await_tasks(operations));
  run_all();
}

[[gnu::noinline]] awaitable<void> nothing() { co_return; }

void spawn_loop(std::size_t operations) {
  for (std::size_t done = 0; done < operations; done += spawned_together) {
    for (std::size_t i = 0; i < spawned_together; ++i) start(nothing());
    run_all();
  }
}

[[gnu::noinline]] awaitable<void> steps_back(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) co_await asio::post(awaited);
}

void alternate_loop(std::size_t operations) {
  start(steps_back(operations / 2));
  start(steps_back(operations / 2));
  run_all();
}

clock::time_point hour_from(clock::time_point start) {
  return start + std::chrono::hours(1) + within_an_hour();
}

// A million timers, each of which somebody waits for.
class many_timers {
 public:
  many_timers() {
    for (std::size_t i = 0; i < timers_armed; ++i) {
      timers_.emplace_back(context_);
      arm(i);
    }
  }
  // A new time cancels the wait for the old one; who waited is told in the context.
  void arm_again(std::size_t i) {
    arm(i);
    if (++since_poll_ % 64 == 0) context_.poll();
  }

 private:
  void arm(std::size_t i) {
    timers_[i].expires_at(hour_from(start_));
    timers_[i].async_wait([](const asio::error_code&) {});
  }

  const clock::time_point start_ = clock::now();
  asio::io_context context_{ASIO_CONCURRENCY_HINT_UNSAFE};
  std::deque<timer> timers_;
  std::size_t since_poll_ = 0;
};

std::int64_t fire(const sleeps& times) {
  std::deque<timer> timers;
  for (std::size_t i = 0; i < times.size(); ++i) timers.emplace_back(context());
  const std::int64_t begin = thread_time_ns();
  for (std::size_t i = 0; i < times.size(); ++i) {
    timers[i].expires_after(times[i]);
    timers[i].async_wait([](const asio::error_code&) {});
  }
  run_all();
  return thread_time_ns() - begin;
}

std::vector<double> lateness(const sleeps& times) {
  std::vector<double> late_us;
  std::deque<timer> timers;
  for (const auto time : times) {
    timer& one = timers.emplace_back(context(), time);
    one.async_wait(
        [&](const asio::error_code&) { late_us.push_back(microseconds_since(one.expiry())); });
  }
  run_all();
  return late_us;
}

awaitable<void> wait_for(timer* end) {
  try {
    co_await end->async_wait(awaited);
  } catch (const std::system_error&) {  // that is how cancelling ends it
  }
}

std::size_t suspended_bytes(std::size_t count) {
  timer end(context(), std::chrono::hours(1));
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < count; ++i) start(wait_for(&end));
  context().restart();
  context().poll();
  const std::size_t bytes = heap_bytes() - before;
  end.cancel();
  run_all();
  return bytes;
}

}  // namespace

scheduler asio_scheduler() {
  return {.name = "asio",
          .package = "libasio-dev",
          .task = task_loop,
          .spawn = spawn_loop,
          .alternate = alternate_loop,
          .timer_arm_cancel = arm_again_in_order<many_timers>,
          .timer_arm_cancel_random = arm_again_at_random<many_timers>,
          .fire = fire,
          .lateness = lateness,
          .suspended_bytes = suspended_bytes};
}

}  // namespace lull::bench

#else

namespace lull::bench {
scheduler asio_scheduler() { return {.package = "libasio-dev"}; }
}  // namespace lull::bench

#endif
