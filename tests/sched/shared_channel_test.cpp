// SPDX-License-Identifier: MIT
#include <lull/sched/shared_channel.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>

#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

using shared_letters = lull::shared_channel<char>;

// Tasks on two cores, the second's stopped at wish.
struct two_cores : test::driven_cores {
  two_cores() : driven_cores(2) {}
  // Notes what it received with its core, or '.'.
  void spawn_receive(test::watched& on, shared_letters& from) {
    on.spawn([this, &from]() -> lull::task<> {
      const auto value = co_await from.receive();
      notes += value.value_or('.');
      notes += static_cast<char>('0' + lull::this_core());
    });
  }
  // Notes '+' if it was sent, '!' if not, with its core.
  void spawn_send(test::watched& on, shared_letters& to, char value) {
    on.spawn([this, &to, value]() -> lull::task<> {
      const bool sent = co_await to.send(value);
      notes += sent ? '+' : '!';
      notes += static_cast<char>('0' + lull::this_core());
    });
  }
  void settle() {
    for (int i = 0; i < 6; ++i) turn();
  }

  std::string notes;
};

std::string take_all(shared_letters& from) {
  std::string all;
  while (const auto value = from.try_receive()) all += *value;
  return all;
}

}  // namespace

TEST_CASE("what there is room for is sent, and what is there received, without a suspension") {
  test::run_alone([]() -> lull::task<> {
    shared_letters c(2);
    REQUIRE(c.capacity() == 2);
    const auto resumed = lull::core::current().statistics().resumes;
    for (char one = 'a'; one <= 'z'; ++one) {
      REQUIRE(co_await c.send(one));
      REQUIRE(co_await c.send('-'));
      REQUIRE(c.size() == 2);
      REQUIRE(co_await c.receive() == one);
      REQUIRE(co_await c.receive() == '-');
    }
    REQUIRE(lull::core::current().statistics().resumes == resumed);
  });
}

TEST_CASE("on no core at all values are sent and received where they can be") {
  lull::shared_channel<std::unique_ptr<int>> c(1);
  REQUIRE_FALSE(c.try_receive());
  REQUIRE(c.try_send(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  REQUIRE_FALSE(c.try_send(std::move(second)));
  REQUIRE(second);  // NOLINT: it is as it was
  REQUIRE(**c.try_receive() == 1);
  REQUIRE(c.try_send(std::move(second)));
  c.close();
  REQUIRE(c.is_closed());
  auto third = std::make_unique<int>(3);
  REQUIRE_FALSE(c.try_send(std::move(third)));
  REQUIRE(third);  // NOLINT: it is as it was
  REQUIRE(**c.try_receive() == 2);
  REQUIRE_FALSE(c.try_receive());
}

TEST_CASE("who waits for a value is handed it on its own core, the oldest first") {
  two_cores cores;
  test::watched first(cores, 0);
  test::watched second(cores, 1);
  shared_letters c(2);
  cores.spawn_receive(first, c);
  cores.turn();
  cores.spawn_receive(second, c);
  cores.turn();
  cores.spawn_receive(first, c);
  cores.settle();
  cores.spawn_send(second, c, 'a');
  cores.settle();
  REQUIRE(cores.notes == "+1a0");
  {
    const lull::core::inside here(*cores.cores[0]);
    REQUIRE(c.try_send('b'));
  }
  cores.settle();
  REQUIRE(cores.notes == "+1a0b1");
  REQUIRE(c.try_send('c'));  // as a thread that is no core
  cores.settle();
  REQUIRE(cores.notes == "+1a0b1c0");
  REQUIRE(c.size() == 0);
}

TEST_CASE("who waits for room sends in order, and nobody overtakes") {
  two_cores cores;
  test::watched first(cores, 0);
  test::watched second(cores, 1);
  shared_letters c(1);
  REQUIRE(c.try_send('a'));
  cores.spawn_send(first, c, 'b');
  cores.turn();
  cores.spawn_send(second, c, 'c');
  cores.turn();
  REQUIRE_FALSE(c.try_send('x'));
  REQUIRE(c.try_receive() == 'a');
  REQUIRE_FALSE(c.try_send('x'));
  cores.settle();
  REQUIRE(cores.notes == "+0");
  REQUIRE(take_all(c) == "bc");
  cores.settle();
  REQUIRE(cores.notes == "+0+1");
}

TEST_CASE("closing ends what waits on every core, and leaves what is there") {
  two_cores cores;
  test::watched first(cores, 0);
  test::watched second(cores, 1);
  shared_letters empty(1);
  cores.spawn_receive(first, empty);
  cores.spawn_receive(second, empty);
  cores.settle();
  empty.close();
  empty.close();
  cores.settle();
  REQUIRE((cores.notes == ".0.1" || cores.notes == ".1.0"));
  cores.notes.clear();
  shared_letters full(1);
  REQUIRE(full.try_send('a'));
  cores.spawn_send(second, full, 'b');
  cores.settle();
  full.close();
  cores.spawn_send(second, full, 'c');
  cores.settle();
  REQUIRE(cores.notes == "!1!1");
  REQUIRE(take_all(full) == "a");
}

TEST_CASE("a stop ends waiting, but what was handed over before it is not lost") {
  two_cores cores;
  test::watched receiver(cores, 1);
  shared_letters c(1);
  cores.spawn_receive(receiver, c);
  cores.settle();
  receiver.request_stop();
  cores.settle();
  REQUIRE(cores.notes == ".1");
  REQUIRE(c.try_send('a'));
  REQUIRE(take_all(c) == "a");

  test::watched other(cores, 1);
  cores.notes.clear();
  cores.spawn_receive(other, c);
  cores.settle();
  REQUIRE(c.try_send('b'));  // the message is on its way
  other.request_stop();
  cores.settle();
  REQUIRE(cores.notes == "b1");

  test::watched sender(cores, 0);
  cores.notes.clear();
  REQUIRE(c.try_send('c'));
  cores.spawn_send(sender, c, 'd');
  cores.settle();
  sender.request_stop();
  cores.settle();
  REQUIRE(cores.notes == "!0");
  REQUIRE(take_all(c) == "c");
}

TEST_CASE("who is asked to stop already takes what is there and waits for nothing") {
  two_cores cores;
  test::watched tasks(cores, 0);
  tasks.request_stop();
  shared_letters c(1);
  REQUIRE(c.try_send('a'));
  cores.spawn_receive(tasks, c);
  cores.settle();
  cores.spawn_receive(tasks, c);
  cores.settle();
  REQUIRE(cores.notes == "a0.0");
}

TEST_CASE("waiting for a value is limited by a timeout") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  shared_letters c(1);
  bool late = false;
  tasks.spawn([&]() -> lull::task<> {
    const auto got = co_await lull::timeout(10ms, c.receive());
    late = got.timed_out();
  });
  cores.turn();
  cores.clock.advance(20ms);
  tasks.finish();
  REQUIRE(late);
}
