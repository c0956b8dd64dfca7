// SPDX-License-Identifier: MIT
// The reference of the scheduling rows: coroutines as the language has them, with frames from free
// lists and a run queue that is a linked list. No stop requests, no exceptions, no lists of tasks;
// and timers whose order costs nothing, for it is known before the time is taken. What is left is
// what no library can do without.

#include <algorithm>
#include <array>
#include <chrono>
#include <coroutine>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "sched_contest.hpp"
#include "sched_rows.hpp"
#include "sched_shapes.hpp"

namespace lull::bench {
namespace {

// Frames of one thread, never given back.
class bare_pool {
 public:
  static void* take(std::size_t bytes) {
    free_frame*& first = lists_[place(bytes)];
    if (first == nullptr) return ::operator new((place(bytes) + 1) * step);
    return std::exchange(first, first->next);
  }
  static void give(void* memory, std::size_t bytes) noexcept {
    free_frame*& first = lists_[place(bytes)];
    first = new (memory) free_frame{first};
  }

 private:
  struct free_frame {
    free_frame* next;
  };
  static constexpr std::size_t step = 16;
  static std::size_t place(std::size_t bytes) noexcept { return (bytes - 1) / step; }

  static inline std::array<free_frame*, 64> lists_{};
};

struct bare_promise {
  static void* operator new(std::size_t bytes) { return bare_pool::take(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    bare_pool::give(memory, bytes);
  }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

// Awaited by another coroutine, which goes on when it ends.
class bare_task {
 public:
  struct promise_type : bare_promise {
    bare_task get_return_object() noexcept {
      return bare_task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    struct ending {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> it) const noexcept {
        return it.promise().continuation;
      }
      void await_resume() const noexcept {}
    };
    ending final_suspend() const noexcept { return {}; }
    void return_value(int result) noexcept { value = result; }

    std::coroutine_handle<> continuation;
    int value = 0;
  };

  explicit bare_task(std::coroutine_handle<promise_type> it) noexcept : coroutine_(it) {}
  bare_task(const bare_task&) = delete;
  bare_task& operator=(const bare_task&) = delete;
  ~bare_task() { coroutine_.destroy(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
    coroutine_.promise().continuation = awaiting;
    return coroutine_;
  }
  int await_resume() const noexcept { return coroutine_.promise().value; }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

struct queued {
  std::coroutine_handle<> coroutine;
  queued* next = nullptr;
};

// The run queue.
queued* first = nullptr;
queued** last = &first;

void make_ready(queued& one) {
  one.next = nullptr;
  *last = &one;
  last = &one.next;
}

void run_one() {
  queued& one = *std::exchange(first, first->next);
  if (first == nullptr) last = &first;
  one.coroutine.resume();
}

void run_all() {
  while (first != nullptr) run_one();
}

// Runs from the queue and ends by itself.
struct bare_spawned {
  struct promise_type : bare_promise {
    bare_spawned get_return_object() noexcept {
      start.coroutine = std::coroutine_handle<promise_type>::from_promise(*this);
      make_ready(start);
      return {start.coroutine};
    }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}

    queued start;
  };

  std::coroutine_handle<> coroutine;
};

struct step_back {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept {
    place.coroutine = awaiting;
    make_ready(place);
  }
  void await_resume() const noexcept {}

  queued place{};
};

[[gnu::noinline]] bare_task ready_task(int value) { co_return value; }

bare_spawned await_tasks(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    bare_task one = ready_task(1);
    const int got = co_await one;
    keep(&got);
  }
}

void task_loop(std::size_t operations) {
  await_tasks(operations);
  run_all();
}

[[gnu::noinline]] bare_spawned nothing() { co_return; }

void spawn_loop(std::size_t operations) {
  for (std::size_t done = 0; done < operations; done += spawned_together) {
    for (std::size_t i = 0; i < spawned_together; ++i) nothing();
    run_all();
  }
}

[[gnu::noinline]] bare_spawned steps_back(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) co_await step_back{};
}

void spawn_suspended_loop(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) steps_back(1);
  run_all();
}

void alternate_loop(std::size_t operations) {
  steps_back(operations / 2);
  steps_back(operations / 2);
  run_all();
}

bare_spawned suspends(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) co_await std::suspend_always{};
}

void resume_loop(std::size_t operations) {
  const std::coroutine_handle<> it = suspends(operations).coroutine;
  run_all();
  for (std::size_t i = 0; i < operations; ++i) it.resume();
}

struct sleeper {
  std::chrono::nanoseconds after;
  std::coroutine_handle<> coroutine;
};
std::vector<sleeper> asleep;

struct pause_for {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) const { asleep.push_back({time, awaiting}); }
  void await_resume() const noexcept {}

  std::chrono::nanoseconds time;
};

bare_spawned sleeps_for(std::chrono::nanoseconds time) { co_await pause_for{time}; }

// Sleeps so much longer than to the first that is due.
std::int64_t fire_late(const sleeps& times, std::chrono::nanoseconds late) {
  for (const auto time : times) sleeps_for(time);
  run_all();
  std::sort(asleep.begin(), asleep.end(),
            [](const sleeper& a, const sleeper& b) { return a.after < b.after; });
  const std::int64_t start = thread_time_ns();
  const auto begin = std::chrono::steady_clock::now();
  for (auto next = asleep.begin(); next != asleep.end();) {
    const auto passed = std::chrono::steady_clock::now() - begin;
    for (; next != asleep.end() && next->after <= passed; ++next) next->coroutine.resume();
    if (next != asleep.end()) nap_of_ring(next->after - passed + late);
  }
  asleep.clear();
  return thread_time_ns() - start;
}

std::int64_t fire(const sleeps& times) { return fire_late(times, std::chrono::microseconds(50)); }

std::int64_t fire_coarse(const sleeps& times) {
  return fire_late(times, std::chrono::milliseconds(1));
}

std::size_t suspended_bytes(std::size_t count) {
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < count; ++i) steps_back(1);
  for (std::size_t i = 0; i < count; ++i) run_one();
  const std::size_t bytes = heap_bytes() - before;
  run_all();
  return bytes;
}

}  // namespace

scheduler bare_scheduler() {
  return {.name = "bare coroutines",
          .task = task_loop,
          .spawn = spawn_loop,
          .spawn_suspended = spawn_suspended_loop,
          .resume = resume_loop,
          .alternate = alternate_loop,
          .fire = fire,
          .fire_coarse = fire_coarse,
          .suspended_bytes = suspended_bytes};
}

}  // namespace lull::bench
