// SPDX-License-Identifier: MIT
#include <lull/sched/shared_mutex.hpp>

#include <deque>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/event.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

// Notes its name when it has the lock and again when it lets go, after `until`.
lull::task<> read_until(lull::shared_mutex& m, lull::event& until, std::string& order, char name) {
  const auto lock = co_await m.lock_shared();
  if (!lock) order += '-';
  order += name;
  if (lock) co_await until.wait();
}

lull::task<> write_until(lull::shared_mutex& m, lull::event& until, std::string& order, char name) {
  const auto lock = co_await m.lock();
  if (!lock) order += '-';
  order += name;
  if (lock) co_await until.wait();
}

}  // namespace

TEST_CASE(
    "readers share, a writer is alone, and none of them suspends where nobody is in the way") {
  test::run_alone([]() -> lull::task<> {
    lull::shared_mutex m;
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    {
      const auto one = co_await m.lock_shared();
      const auto two = co_await m.lock_shared();
      REQUIRE(one);
      REQUIRE(two);
      REQUIRE(m.try_lock_shared());
      REQUIRE_FALSE(m.try_lock());
    }
    {
      const auto alone = co_await m.lock();
      REQUIRE(alone);
      REQUIRE_FALSE(m.try_lock());
      REQUIRE_FALSE(m.try_lock_shared());
    }
    REQUIRE(m.try_lock());
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("first come, first served: a reader waits behind a writer that waits") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::shared_mutex m;
    lull::event first;
    lull::event writers;
    lull::event rest;
    lull::scope all;
    all.spawn(read_until, std::ref(m), std::ref(first), std::ref(order), 'r');
    all.spawn(read_until, std::ref(m), std::ref(first), std::ref(order), 's');
    all.spawn(write_until, std::ref(m), std::ref(writers), std::ref(order), 'W');
    all.spawn(read_until, std::ref(m), std::ref(rest), std::ref(order), 't');
    all.spawn(read_until, std::ref(m), std::ref(rest), std::ref(order), 'u');
    all.spawn(write_until, std::ref(m), std::ref(rest), std::ref(order), 'X');
    all.spawn(read_until, std::ref(m), std::ref(rest), std::ref(order), 'v');
    co_await lull::yield();
    REQUIRE(order == "rs");
    REQUIRE_FALSE(m.try_lock_shared());
    first.set();
    for (int i = 0; i < 5; ++i) co_await lull::yield();
    REQUIRE(order == "rsW");
    writers.set();
    for (int i = 0; i < 5; ++i) co_await lull::yield();
    REQUIRE(order == "rsWtu");
    rest.set();
    co_await all.join();
  });
  REQUIRE(order == "rsWtuXv");
}

TEST_CASE("a writer that is stopped lets the readers behind it join those who read") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::shared_mutex m;
    lull::event done;
    lull::scope stopped;
    lull::scope others;
    others.spawn(read_until, std::ref(m), std::ref(done), std::ref(order), 'r');
    stopped.spawn(write_until, std::ref(m), std::ref(done), std::ref(order), 'W');
    others.spawn(read_until, std::ref(m), std::ref(done), std::ref(order), 's');
    others.spawn(write_until, std::ref(m), std::ref(done), std::ref(order), 'X');
    stopped.spawn(read_until, std::ref(m), std::ref(done), std::ref(order), 't');
    co_await lull::yield();
    REQUIRE(order == "r");
    stopped.request_stop();
    REQUIRE(order == "r");
    co_await stopped.join();
    co_await lull::yield();
    REQUIRE(order == "r-Ws-t");
    done.set();
    co_await others.join();
    REQUIRE(m.try_lock());
  });
  REQUIRE(order == "r-Ws-tX");
}

TEST_CASE("a shared_mutex that was handed over before the stop is delivered") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    lull::shared_mutex m;
    lull::event done(true);
    lull::scope all;
    auto mine = co_await m.lock();
    all.spawn(read_until, std::ref(m), std::ref(done), std::ref(order), 'r');
    all.spawn(read_until, std::ref(m), std::ref(done), std::ref(order), 's');
    all.spawn(write_until, std::ref(m), std::ref(done), std::ref(order), 'W');
    co_await lull::yield();
    mine.unlock();
    REQUIRE_FALSE(mine);
    REQUIRE_FALSE(m.try_lock());
    all.request_stop();
    co_await all.join();
    REQUIRE(m.try_lock());
  });
  REQUIRE(order == "rs-W");
}

TEST_CASE("locks of a shared_mutex move, let go when they are assigned to, and on an exception") {
  test::run_alone([]() -> lull::task<> {
    lull::shared_mutex a;
    lull::shared_mutex b;
    auto one = co_await a.lock_shared();
    auto other = std::move(one);
    REQUIRE_FALSE(one);
    REQUIRE_FALSE(a.try_lock());
    other = co_await b.lock_shared();
    REQUIRE(a.try_lock());
    other.unlock();
    REQUIRE(b.try_lock());
    bool thrown = false;
    try {
      const auto lock = co_await a.lock();
      throw std::runtime_error("inside");
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    REQUIRE(a.try_lock());
  });
}

namespace {

// The model: who holds it, and who waits, in order.
struct shared_mutex_model {
  struct one {
    std::size_t name;
    bool writes;
  };
  std::vector<one> holders{};
  std::deque<one> queue{};
  std::vector<std::size_t> granted{};

  void serve() {
    while (!queue.empty()) {
      const one first = queue.front();
      if (!holders.empty() && (first.writes || holders.front().writes)) break;
      holders.push_back(first);
      granted.push_back(first.name);
      queue.pop_front();
    }
  }
  void remove(std::size_t name) {
    const auto same = [&](const one& other) { return other.name == name; };
    std::erase_if(holders, same);
    std::erase_if(queue, same);
    serve();
  }
};

lull::task<> play_shared_mutex(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  lull::shared_mutex m;
  shared_mutex_model model;
  std::vector<std::size_t> granted;
  // Each holds its lock until its scope is stopped, and is gone from the queue then, too.
  std::vector<std::unique_ptr<lull::scope>> tasks;
  for (std::size_t name = 0; name < 200; ++name) {
    const bool writes = below(3) == 0;
    tasks.push_back(std::make_unique<lull::scope>());
    tasks.back()->spawn([&m, &granted, name, writes]() -> lull::task<> {
      lull::event never;
      if (writes) {
        const auto lock = co_await m.lock();
        if (!lock) co_return;
        granted.push_back(name);
        co_await never.wait();
      } else {
        const auto lock = co_await m.lock_shared();
        if (!lock) co_return;
        granted.push_back(name);
        co_await never.wait();
      }
    });
    co_await lull::yield();
    model.queue.push_back({name, writes});
    model.serve();
    while (below(2) == 0) {
      const auto which = below(tasks.size());
      tasks[which]->request_stop();
      co_await tasks[which]->join();
      model.remove(which);
      for (int i = 0; i < 3; ++i) co_await lull::yield();
    }
    REQUIRE(granted == model.granted);
    REQUIRE(static_cast<bool>(m.try_lock()) == model.holders.empty());
  }
  for (std::size_t name = 0; name < tasks.size(); ++name) {
    tasks[name]->request_stop();
    co_await tasks[name]->join();
    model.remove(name);
    co_await lull::yield();
  }
  REQUIRE(granted == model.granted);
}

}  // namespace

TEST_CASE("a shared_mutex does what a queue does, whatever comes in whatever order") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    test::run_alone(play_shared_mutex, seed);
  }
}
