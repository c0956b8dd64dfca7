// SPDX-License-Identifier: MIT
// The loops of lull: tasks on a core that is driven by hand.

#include <lull/sched/channel.hpp>
#include <lull/sched/mutex.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/task.hpp>

#include <chrono>

#include "sched_contest.hpp"
#include "sched_lull_core.hpp"
#include "sched_shapes.hpp"

namespace lull::bench {
namespace {

bool clock_stands = false;

// Read like the real one.
time_source standing_clock() {
  const auto read = [](const void*) noexcept {
    const auto now = std::chrono::steady_clock::now();
    keep(&now);
    return time_point(std::chrono::hours(1));
  };
  return {read, nullptr};
}

core_options options() {
  core_options chosen;
  if (clock_stands) chosen.clock = standing_clock();
  return chosen;
}

template <class F, class... Args>
void run(F main, Args... arguments) {
  lull_core().run(when_idle::come_back, main, arguments...);
}

[[gnu::noinline]] task<int> ready_task(int value) { co_return value; }

task<> await_tasks(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    task<int> one = ready_task(1);
    const int got = co_await std::move(one);
    keep(&got);
  }
}

void task_loop(std::size_t operations) { run(await_tasks, operations); }

[[gnu::noinline]] task<> nothing() { co_return; }

task<> spawn_few_at_a_time(std::size_t operations) {
  for (std::size_t done = 0; done < operations; done += spawned_together) {
    scope few;
    for (std::size_t i = 0; i < spawned_together; ++i) few.spawn(nothing);
    co_await few.join();
  }
}

void spawn_loop(std::size_t operations) { run(spawn_few_at_a_time, operations); }

[[gnu::noinline]] task<> steps_back(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) co_await yield();
}

task<> spawn_all(std::size_t operations) {
  scope all;
  for (std::size_t i = 0; i < operations; ++i) all.spawn(steps_back, std::size_t{1});
  co_await all.join();
}

void spawn_suspended_loop(std::size_t operations) { run(spawn_all, operations); }

task<> alternate(std::size_t operations) {
  scope two;
  two.spawn(steps_back, operations / 2);
  two.spawn(steps_back, operations / 2);
  co_await two.join();
}

void alternate_loop(std::size_t operations) { run(alternate, operations); }

// Suspends as what lull has to be awaited does, and is resumed from outside.
struct parked {
  explicit parked(std::coroutine_handle<>& into) noexcept : coroutine(into) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(detail::suspended awaiting) const noexcept { coroutine = awaiting.coroutine; }
  void await_resume() const noexcept {}

  std::coroutine_handle<>& coroutine;
};

task<> parks(std::coroutine_handle<>* coroutine, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) co_await parked(*coroutine);
}

task<> resume_another(std::size_t operations) {
  std::coroutine_handle<> other;
  scope one;
  one.spawn(parks, &other, operations);
  co_await yield();
  for (std::size_t i = 0; i < operations; ++i) other.resume();
  co_await one.join();
}

void resume_loop(std::size_t operations) { run(resume_another, operations); }

task<> lock_alone(std::size_t operations) {
  mutex one;
  for (std::size_t i = 0; i < operations; ++i) {
    const mutex_lock held = co_await one.lock();
    keep(&held);
  }
}

void mutex_loop(std::size_t operations) { run(lock_alone, operations); }

// Once the other one waits, each unlock hands over, and each lock waits.
task<> lock_in_turn(mutex* shared, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    mutex_lock held = co_await shared->lock();
    if (i == 0) co_await yield();
    held.unlock();
  }
}

task<> lock_by_two(std::size_t operations) {
  mutex shared;
  scope two;
  two.spawn(lock_in_turn, &shared, operations / 2);
  two.spawn(lock_in_turn, &shared, operations / 2);
  co_await two.join();
}

void mutex_contended_loop(std::size_t operations) { run(lock_by_two, operations); }

task<> send_all(channel<int>* to, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    const bool sent = co_await to->send(1);
    keep(&sent);
  }
}

task<> receive_all(channel<int>* from, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    const std::optional<int> got = co_await from->receive();
    keep(&got);
  }
}

task<> send_and_receive(std::size_t capacity, std::size_t operations) {
  channel<int> between(capacity);
  scope two;
  two.spawn(send_all, &between, operations);
  two.spawn(receive_all, &between, operations);
  co_await two.join();
}

template <std::size_t Capacity>
void channel_loop(std::size_t operations) {
  run(send_and_receive, Capacity, operations);
}

}  // namespace

driven_core& lull_core() {
  static driven_core one(options());
  return one;
}

void stop_clock_of_lull() { clock_stands = true; }

scheduler lull_scheduler() {
  scheduler all{.name = "lull",
                .task = task_loop,
                .spawn = spawn_loop,
                .spawn_suspended = spawn_suspended_loop,
                .resume = resume_loop,
                .alternate = alternate_loop,
                .mutex = mutex_loop,
                .mutex_contended = mutex_contended_loop,
                .channel_of_64 = channel_loop<64>,
                .channel_of_1 = channel_loop<1>};
  add_timers_of_lull(all);
  return all;
}

}  // namespace lull::bench
