// SPDX-License-Identifier: MIT
#pragma once

// Cores driven by hand that have a pool of real threads, and what a test sends there.

#include <atomic>
#include <thread>
#include <utility>

#include <lull/sched/offload_pool.hpp>

#include "../no_new_threads.hpp"
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
