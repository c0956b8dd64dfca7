// SPDX-License-Identifier: MIT
#include <lull/sched/offload.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>

#include "pools.hpp"

using namespace std::chrono_literals;

TEST_CASE("what is offloaded runs on another thread, and its result comes back to the core") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  tasks.spawn([]() -> lull::task<> {
    const auto here = std::this_thread::get_id();
    const auto there = co_await lull::offload([] { return std::this_thread::get_id(); });
    REQUIRE(there != here);
    REQUIRE(std::this_thread::get_id() == here);
    REQUIRE(lull::this_core() == 0);

    auto boxed = std::make_unique<int>(20);
    const auto doubled = [](std::unique_ptr<int> n) { return std::make_unique<int>(*n * 2); };
    lull::offload call(doubled, std::move(boxed));
    const auto result = co_await call;
    REQUIRE(*result == 40);

    int seen = 0;
    co_await lull::offload([&seen] { seen = 7; });
    REQUIRE(seen == 7);
  });
  cores.run_tasks(tasks);
  REQUIRE(cores.pool.statistics().calls == 3);
  REQUIRE(cores.pool.statistics().threads_started == 1);
}

TEST_CASE("what an offloaded call throws is thrown to who awaits it") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  std::string what;
  tasks.spawn([&]() -> lull::task<> {
    try {
      co_await lull::offload([]() -> int { throw std::runtime_error("no such file"); });
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
  });
  cores.run_tasks(tasks);
  REQUIRE(what == "no such file");
}

TEST_CASE("a pool has no more threads than it may, and as many as there is work for") {
  test::cores_and_pool cores(1, {.threads = 2});
  test::watched tasks(cores);
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  test::roadblock first;
  for (int i = 0; i < 40; ++i) {
    tasks.spawn([&, i]() -> lull::task<> {
      co_await lull::offload([&, i] {
        const int with_me = ++now;
        if (with_me > most) most = with_me;
        if (i < 2) first.stand();
        --now;
      });
    });
  }
  cores.turn_while_waiting([&] { return first.standing() == 2; });
  first.open();
  cores.run_tasks(tasks);
  REQUIRE(most == 2);
  REQUIRE(cores.pool.statistics().threads == 2);
  REQUIRE(cores.pool.statistics().calls == 40);
}

TEST_CASE("where no thread can be started, those that are there serve, and without any it throws") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  int ran = 0;
  std::string failed;
  const auto call = [&]() -> lull::task<> {
    try {
      co_await lull::offload([&ran] { ++ran; });
    } catch (const std::system_error& error) {
      failed = error.code().message();
    }
  };
  {
    const test::no_new_threads none;
    tasks.spawn(call);
    cores.run_tasks(tasks);
    REQUIRE(ran == 0);
    REQUIRE_FALSE(failed.empty());
  }
  REQUIRE(cores.all_back());
  failed.clear();
  tasks.spawn(call);
  cores.run_tasks(tasks);
  REQUIRE(ran == 1);
  const test::no_new_threads none;
  for (int i = 0; i < 5; ++i) tasks.spawn(call);
  cores.run_tasks(tasks);
  REQUIRE(ran == 6);
  REQUIRE(failed.empty());
  REQUIRE(cores.pool.statistics().threads_started == 1);
}

TEST_CASE("calls beyond the queue wait on their cores, which have their turns") {
  test::cores_and_pool cores(2, {.threads = 1, .queue = 2});
  test::watched of_first(cores, 0);
  test::watched of_second(cores, 1);
  std::string order;  // written on the pool's one thread
  test::roadblock road;
  const auto call = [&](char name) {
    return [&, name]() -> lull::task<> {
      co_await lull::offload([&, name] {
        if (name == 'a') road.stand();
        order += name;
      });
    };
  };
  of_first.spawn(call('a'));
  cores.turn_while_waiting([&] { return road.standing() == 1; });
  for (const char name : std::string("bcdefg")) of_first.spawn(call(name));
  cores.turn();
  for (const char name : std::string("xy")) of_second.spawn(call(name));
  cores.turn();
  REQUIRE(cores.pool.statistics().queued == 2);
  REQUIRE(cores.pool.statistics().waiting == 6);
  road.open();
  cores.run_tasks(of_first);
  cores.run_tasks(of_second);
  REQUIRE(order == "abcdxeyfg");
}

TEST_CASE("a stop takes a call out of the queue, and out of what waits for a place in it") {
  test::cores_and_pool cores(1, {.threads = 1, .queue = 1});
  test::watched kept(cores);
  test::watched stopped(cores);
  std::string order;
  std::string ends;
  test::roadblock road;
  const auto call = [&](char name) {
    return [&, name]() -> lull::task<> {
      try {
        co_await lull::offload([&, name] {
          if (name == 'a') road.stand();
          order += name;
        });
      } catch (const std::system_error& error) {
        if (error.code() == std::errc::operation_canceled) ends += name;
      }
    };
  };
  kept.spawn(call('a'));
  cores.turn_while_waiting([&] { return road.standing() == 1; });
  stopped.spawn(call('b'));  // in the queue
  kept.spawn(call('c'));
  stopped.spawn(call('d'));  // waiting for a place
  kept.spawn(call('e'));
  cores.turn();
  REQUIRE(cores.pool.statistics().waiting == 3);
  stopped.request_stop();
  cores.run_tasks(stopped);
  REQUIRE(ends == "bd");
  REQUIRE(cores.pool.statistics().queued == 1);
  REQUIRE(cores.pool.statistics().waiting == 1);
  stopped.spawn(call('f'));  // asked to stop before it begins
  cores.run_tasks(stopped);
  road.open();
  cores.run_tasks(kept);
  REQUIRE(order == "ace");
  REQUIRE(ends == "bdf");
}

TEST_CASE("a stop lets the caller go while its call runs on, with all that it owns") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  test::roadblock road;
  std::atomic<std::thread::id> argument_went{};
  std::atomic<std::thread::id> result_went{};
  std::string seen;
  std::string what;
  tasks.spawn([&]() -> lull::task<> {
    std::string text(100, 'x');
    lull::offload call(
        [&road, &seen, &result_went, text](const test::noting_thread&) {
          road.stand();
          seen = text;
          return test::noting_thread(result_went);
        },
        test::noting_thread(argument_went));
    try {
      co_await call;
    } catch (const std::system_error& error) {
      what = error.what();
    }
  });
  cores.turn_while_waiting([&] { return road.standing() == 1; });
  tasks.request_stop();
  cores.run_tasks(tasks);
  REQUIRE(what.find("which runs on") != std::string::npos);
  REQUIRE_FALSE(cores.all_back());
  road.open();
  cores.turn_while_waiting([&] { return cores.all_back(); });
  REQUIRE(seen == std::string(100, 'x'));
  REQUIRE(argument_went.load() == std::this_thread::get_id());
  REQUIRE(result_went.load() == std::this_thread::get_id());
}

TEST_CASE("a timeout around an offloaded call is out of time, and nothing else") {
  test::cores_and_pool cores(1);
  test::watched tasks(cores);
  test::roadblock road;
  int in_time = 0;
  bool out_of_time = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto quick = co_await lull::timeout(1h, lull::offload([] { return 5; }));
    if (quick) in_time = *quick;
    const auto late = co_await lull::timeout(10ms, lull::offload([&road] {
                                               road.stand();
                                               return 5;
                                             }));
    out_of_time = late.timed_out() && !late.has_value();
  });
  cores.turn_while_waiting([&] { return road.standing() == 1; });
  cores.clock.advance(20ms);
  cores.run_tasks(tasks);
  REQUIRE(in_time == 5);
  REQUIRE(out_of_time);
  road.open();
  cores.turn_while_waiting([&] { return cores.all_back(); });
}

TEST_CASE("threads without work end, and others are started when there is work again") {
  test::cores_and_pool cores(1, {.threads = 2, .idle = 1ms});
  for (unsigned round = 1; round <= 3; ++round) {
    test::watched tasks(cores);
    tasks.spawn([]() -> lull::task<> { co_await lull::offload([] {}); });
    cores.run_tasks(tasks);
    while (cores.pool.statistics().threads != 0) std::this_thread::sleep_for(1ms);
    REQUIRE(cores.pool.statistics().threads_started >= round);
  }
}
