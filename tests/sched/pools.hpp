// SPDX-License-Identifier: MIT
#pragma once

// Cores driven by hand that have a pool of real threads, and what a test sends there.

#include <pthread.h>

#include <atomic>
#include <thread>
#include <utility>

#include <lull/sched/offload_pool.hpp>

#include "helpers.hpp"
#include "waits.hpp"

namespace test {

// Cores driven by hand, with a pool of real threads.
struct cores_and_pool : driven_cores {
  explicit cores_and_pool(unsigned count, lull::offload_options options = {})
      : driven_cores(count), pool(shared, count, options) {
    for (auto& one : cores) one->offloads = &pool;
  }
  ~cores_and_pool() {
    turn_while_waiting([this] { return all_back(); });
    pool.end();
  }

  void run_tasks(watched& tasks) {
    turn_while_waiting([&] { return tasks.ended(); });
  }
  // Nothing that these cores have offloaded is on its way any more.
  bool all_back() {
    for (auto& one : cores) {
      const lull::core::inside here(*one);
      if (!pool.all_back().is_set()) return false;
    }
    return true;
  }
  // Turns until `done`, however long other threads take.
  template <class Done>
  void turn_while_waiting(Done done) {
    while (!done()) {
      turn();
      std::this_thread::yield();
    }
  }

  lull::detail::offload_pool pool;
};

// A thread of the pool stays here until it is let go.
class roadblock {
 public:
  void stand() noexcept {
    ++standing_;
    open_.wait(false);
  }
  void open() noexcept {
    open_ = true;
    open_.notify_all();
  }
  int standing() const noexcept { return standing_; }

 private:
  std::atomic<bool> open_{false};
  std::atomic<int> standing_{0};
};

// As long as one lives, no thread can be started: each would have a stack larger than memory.
class no_new_threads {
 public:
  no_new_threads() {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_getstacksize(&attributes, &before_);
    ::pthread_attr_destroy(&attributes);
    set(std::size_t{1} << 50);
  }
  ~no_new_threads() { set(before_); }
  no_new_threads(const no_new_threads&) = delete;
  no_new_threads& operator=(const no_new_threads&) = delete;

 private:
  static void set(std::size_t bytes) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, bytes);
    ::pthread_setattr_default_np(&attributes);
    ::pthread_attr_destroy(&attributes);
  }

  std::size_t before_ = 0;
};

// Notes where it goes away for good.
class noting_thread {
 public:
  explicit noting_thread(std::atomic<std::thread::id>& where) noexcept : where_(&where) {}
  noting_thread(noting_thread&& from) noexcept : where_(std::exchange(from.where_, nullptr)) {}
  ~noting_thread() {
    if (where_ != nullptr) *where_ = std::this_thread::get_id();
  }

 private:
  std::atomic<std::thread::id>* where_;
};

}  // namespace test
