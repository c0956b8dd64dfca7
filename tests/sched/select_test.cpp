// SPDX-License-Identifier: MIT
#include <lull/sched/select.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "helpers.hpp"

namespace {

using number_channel = lull::channel<int>;
using word_channel = lull::channel<std::string>;

// Notes the channel and the value, until there is none.
lull::task<> select_all(number_channel& n, word_channel& w, std::string& order) {
  while (const auto value = co_await lull::select(n, w)) {
    order += value.index() == 1 ? std::to_string(std::get<1>(value)) : std::get<2>(value);
  }
  order += '.';
}

}  // namespace

TEST_CASE("select takes a value that is there without a suspension, from the first named") {
  test::run_alone([]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(w.try_send("one"));
    REQUIRE(n.try_send(1));
    REQUIRE(std::get<1>(co_await lull::select(n, w)) == 1);
    REQUIRE(n.try_send(2));
    REQUIRE(std::get<1>(co_await lull::select(w, n)) == "one");
    REQUIRE(std::get<2>(co_await lull::select(w, n)) == 2);
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("select waits for whichever channel has a value first, and then for none of them") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    lull::scope all;
    all.spawn(select_all, std::ref(n), std::ref(w), std::ref(order));
    co_await lull::yield();
    REQUIRE(w.try_send("a"));
    REQUIRE(n.try_send(1));  // nobody waits there any more: it stays in the channel
    REQUIRE(n.size() == 1);
    REQUIRE(w.size() == 0);
    REQUIRE(order.empty());
    co_await lull::yield();
    REQUIRE(order == "a1");
    REQUIRE(n.try_send(2));
    co_await lull::yield();
    n.close();
    w.close();
    co_await all.join();
  });
  REQUIRE(order == "a12.");
}

TEST_CASE("select passes over channels that are closed, and ends with the last of them") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    REQUIRE(n.try_send(1));
    n.close();
    lull::scope all;
    all.spawn(select_all, std::ref(n), std::ref(w), std::ref(order));
    co_await lull::yield();
    REQUIRE(order == "1");
    REQUIRE(w.try_send("a"));
    co_await lull::yield();
    REQUIRE(order == "1a");
    w.close();
    co_await all.join();
    REQUIRE((co_await lull::select(n, w)).index() == 0);
  });
  REQUIRE(order == "1a.");
}

TEST_CASE("select keeps its place among those who receive from one channel alone") {
  std::vector<std::string> order;
  test::run_alone([&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    lull::scope all;
    const auto alone = [&](std::string name) -> lull::task<> {
      const auto value = co_await n.receive();
      order.push_back(name + std::to_string(value.value_or(0)));
    };
    all.spawn(alone, "first");
    all.spawn([&]() -> lull::task<> {
      const auto value = co_await lull::select(w, n);
      order.push_back("select" + std::to_string(std::get<2>(value)));
    });
    all.spawn(alone, "last");
    co_await lull::yield();
    for (int i = 1; i <= 3; ++i) REQUIRE(n.try_send(static_cast<int>(i)));
    co_await all.join();
  });
  REQUIRE(order == std::vector<std::string>{"first1", "select2", "last3"});
}

TEST_CASE("a stop ends select with nothing, and it takes nothing any more") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    lull::scope all;
    all.spawn(select_all, std::ref(n), std::ref(w), std::ref(order));
    co_await lull::yield();
    all.request_stop();
    REQUIRE(n.try_send(1));
    REQUIRE(w.try_send("a"));
    REQUIRE(n.size() == 1);
    REQUIRE(w.size() == 1);
    co_await all.join();  // it was stopped before: it has nothing
    REQUIRE(order == ".");
    all.spawn(select_all, std::ref(n), std::ref(w), std::ref(order));  // takes what is there
    co_await all.join();
  });
  REQUIRE(order == ".1a.");
}

TEST_CASE("a value that select was given before the stop is delivered") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    lull::scope all;
    all.spawn(select_all, std::ref(n), std::ref(w), std::ref(order));
    co_await lull::yield();
    REQUIRE(w.try_send("a"));
    all.request_stop();
    co_await all.join();
  });
  REQUIRE(order == "a.");
}

TEST_CASE("select takes values that only move, and makes room for who waits to send") {
  test::run_alone([]() -> lull::task<> {
    lull::channel<std::unique_ptr<int>> c(1);
    REQUIRE(c.try_send(std::make_unique<int>(1)));
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      auto value = std::make_unique<int>(2);
      (void)co_await c.send(std::move(value));
    });
    co_await lull::yield();
    auto first = co_await lull::select(c);
    REQUIRE(*std::get<1>(first) == 1);
    auto second = co_await lull::select(c);
    REQUIRE(*std::get<1>(second) == 2);
    co_await all.join();
  });
}

TEST_CASE("a time limit ends select with nothing; a value that came before it is delivered") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    number_channel n(1);
    word_channel w(1);
    lull::scope all;
    bool came_late = false;
    const auto limited = [&]() -> lull::task<> {
      const auto got = co_await lull::timeout(std::chrono::milliseconds(5), lull::select(n, w));
      came_late = got.timed_out();
      if (got) (void)n.try_send(10 + std::get<1>(*got));
    };
    all.spawn(limited);
    co_await lull::yield();
    cores.clock.advance(std::chrono::milliseconds(10));
    co_await all.join();
    REQUIRE(came_late);
    all.spawn(limited);
    co_await lull::yield();
    cores.clock.advance(std::chrono::milliseconds(10));
    // So many run before it that its time is up between the value and its turn.
    for (int i = 0; i < 1000; ++i) all.spawn([]() -> lull::task<> { co_return; });
    REQUIRE(n.try_send(1));
    co_await all.join();
    REQUIRE_FALSE(came_late);
    REQUIRE(n.try_receive() == 11);
  });
}
