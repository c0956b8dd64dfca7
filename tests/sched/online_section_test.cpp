// SPDX-License-Identifier: MIT
#include <lull/sched/online_section.hpp>

#include <atomic>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/retire.hpp>
#include <lull/sched/offload.hpp>

#include "pools.hpp"

using namespace std::chrono_literals;

TEST_CASE("a thread of the pool retires in an online section, and releases it by itself") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  std::atomic<std::thread::id> went{};
  std::thread::id there{};
  bool was_online = true;
  tasks.spawn([&]() -> lull::task<> {
    there = co_await lull::offload([&] {
      was_online = lull::participant::current()->is_online();
      const lull::online_section writing;
      { const lull::online_section nested; }
      lull::retire(new test::noting_thread(went));
      return std::this_thread::get_id();
    });
  });
  cores.turn_while_waiting([&] { return went.load() != std::thread::id(); });
  REQUIRE_FALSE(was_online);
  cores.run_tasks(tasks);
  REQUIRE(went.load() == there);
}

TEST_CASE("what a thread of the pool leaves in limbo when the pool ends is released by a core") {
  test::cores_and_pool cores(1, {.threads = 1, .idle = 0ns});
  test::watched tasks(cores);
  std::atomic<std::thread::id> went{};
  std::atomic<bool> may_retire = false;
  std::atomic<bool> retired = false;
  tasks.spawn([&]() -> lull::task<> {
    co_await lull::offload([&] {
      while (!may_retire) std::this_thread::yield();
      const lull::online_section writing;
      lull::retire(new test::noting_thread(went));
      retired = true;
    });
  });
  {
    const lull::core::inside here(*cores.cores[0]);
    cores.cores[0]->iterate(lull::when_idle::come_back);
  }
  // From here on the core is online and passes no quiescent state: the thread releases nothing.
  may_retire = true;
  while (!retired) std::this_thread::yield();
  // It has had its time without work, and stays for what it has in limbo.
  std::this_thread::sleep_for(20ms);
  REQUIRE(cores.pool.statistics().threads == 1);
  REQUIRE(!cores.pool.has_settled());
  cores.pool.end();
  cores.turn_while_waiting([&] { return went.load() != std::thread::id(); });
  REQUIRE(went.load() == std::this_thread::get_id());
  cores.run_tasks(tasks);
}
