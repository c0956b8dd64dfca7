// SPDX-License-Identifier: MIT
#include <lull/sched/channel.hpp>

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

using char_channel = lull::channel<char>;

// Notes what it received, or '.'.
lull::task<> receive_and_note(char_channel& from, std::string& order) {
  const auto value = co_await from.receive();
  order += value.value_or('.');
}

// Notes '+' if it was sent, '!' if not.
lull::task<> send_and_note(char_channel& to, std::string& order, char value) {
  const bool sent = co_await to.send(value);
  order += sent ? '+' : '!';
}

std::string drain(char_channel& from) {
  std::string all;
  while (const auto value = from.try_receive()) all += *value;
  return all;
}

}  // namespace

TEST_CASE("values come out in the order in which they went in, without a suspension") {
  test::run_alone([]() -> lull::task<> {
    char_channel c(3);
    bool other_ran = false;
    lull::scope all;
    all.spawn([&]() -> lull::task<> {
      other_ran = true;
      co_return;
    });
    REQUIRE(c.capacity() == 3);
    for (char first = 'a'; first < 'a' + 20; ++first) {
      REQUIRE(co_await c.send(first));
      REQUIRE(co_await c.send(static_cast<char>(first + 1)));
      REQUIRE(c.size() == 2);
      REQUIRE(co_await c.receive() == first);
      REQUIRE(co_await c.receive() == static_cast<char>(first + 1));
    }
    REQUIRE_FALSE(other_ran);
    co_await all.join();
  });
}

TEST_CASE("try_send and try_receive say when there is no room and no value") {
  test::run_alone([]() -> lull::task<> {
    lull::channel<std::unique_ptr<int>> c(1);
    REQUIRE_FALSE(c.try_receive());
    REQUIRE(c.try_send(std::make_unique<int>(1)));
    auto second = std::make_unique<int>(2);
    REQUIRE_FALSE(c.try_send(std::move(second)));
    REQUIRE(second);  // NOLINT: it is as it was
    REQUIRE(**c.try_receive() == 1);
    REQUIRE(c.try_send(std::move(second)));
    c.close();
    auto third = std::make_unique<int>(3);
    REQUIRE_FALSE(c.try_send(std::move(third)));
    REQUIRE(third);  // NOLINT: it is as it was
    REQUIRE(**c.try_receive() == 2);
    REQUIRE_FALSE(c.try_receive());
    co_return;
  });
}

TEST_CASE("receivers wait in order, and are handed their values before they resume") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(1);
    lull::scope all;
    for (int i = 0; i < 3; ++i) all.spawn(receive_and_note, std::ref(c), std::ref(order));
    co_await lull::yield();
    REQUIRE(co_await c.send('a'));
    REQUIRE(co_await c.send('b'));
    REQUIRE(c.size() == 0);
    REQUIRE_FALSE(c.try_receive());
    REQUIRE(order.empty());
    REQUIRE(co_await c.send('c'));
    co_await all.join();
  });
  REQUIRE(order == "abc");
}

TEST_CASE("senders wait in order, and their values enter as soon as there is room") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(1);
    lull::scope all;
    for (const char value : {'a', 'b', 'c'}) {
      all.spawn(send_and_note, std::ref(c), std::ref(order), value);
    }
    co_await lull::yield();
    REQUIRE(order == "+");
    REQUIRE(c.size() == 1);
    REQUIRE(drain(c) == "abc");
    REQUIRE(order == "+");
    co_await all.join();
  });
  REQUIRE(order == "+++");
}

TEST_CASE("a closed channel gives what it has, then nothing, and takes no more") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(2);
    lull::scope all;
    for (const char value : {'a', 'b', 'c'}) {
      all.spawn(send_and_note, std::ref(c), std::ref(order), value);
    }
    co_await lull::yield();
    c.close();
    c.close();
    REQUIRE(c.is_closed());
    REQUIRE(!co_await c.send('d'));
    REQUIRE(co_await c.receive() == 'a');
    REQUIRE(co_await c.receive() == 'b');
    REQUIRE(!co_await c.receive());
    REQUIRE(!co_await c.receive());
    co_await all.join();
    REQUIRE(order == "++!");
  });
}

TEST_CASE("closing resumes the receivers that wait, with nothing") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(2);
    lull::scope all;
    for (int i = 0; i < 3; ++i) all.spawn(receive_and_note, std::ref(c), std::ref(order));
    co_await lull::yield();
    REQUIRE(c.try_send('a'));
    c.close();
    REQUIRE(order.empty());
    co_await all.join();
  });
  REQUIRE(order == "a..");
}

TEST_CASE("a receiver that is stopped takes nothing; a value that it was given before it has") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(1);
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(receive_and_note, std::ref(c), std::ref(order));
    stopped.spawn(receive_and_note, std::ref(c), std::ref(order));
    others.spawn(receive_and_note, std::ref(c), std::ref(order));
    co_await lull::yield();
    REQUIRE(c.try_send('a'));
    stopped.request_stop();
    REQUIRE(c.try_send('b'));
    co_await stopped.join();
    co_await others.join();
    REQUIRE(order == "a.b");
    stopped.spawn(receive_and_note, std::ref(c), std::ref(order));
    co_await stopped.join();
    REQUIRE(order == "a.b.");
    REQUIRE(c.try_send('c'));
    stopped.spawn(receive_and_note, std::ref(c), std::ref(order));
    co_await stopped.join();
  });
  REQUIRE(order == "a.b.c");
}

TEST_CASE("a sender that is stopped takes its value with it; one that was taken before is sent") {
  std::string order;
  test::run_alone([&]() -> lull::task<> {
    char_channel c(1);
    REQUIRE(c.try_send('a'));
    lull::scope stopped;
    lull::scope others;
    stopped.spawn(send_and_note, std::ref(c), std::ref(order), 'b');
    stopped.spawn(send_and_note, std::ref(c), std::ref(order), 'c');
    others.spawn(send_and_note, std::ref(c), std::ref(order), 'd');
    co_await lull::yield();
    REQUIRE(c.try_receive() == 'a');
    stopped.request_stop();
    stopped.spawn(send_and_note, std::ref(c), std::ref(order), 'e');
    co_await stopped.join();
    REQUIRE(order == "+!!");
    REQUIRE(drain(c) == "bd");
    co_await others.join();
  });
  REQUIRE(order == "+!!+");
}

TEST_CASE("values are destroyed once, wherever they are when the channel ends") {
  const auto counted = std::make_shared<int>();
  test::run_alone([&]() -> lull::task<> {
    lull::channel<std::shared_ptr<int>> c(3);
    lull::scope all;
    for (int i = 0; i < 6; ++i) {
      all.spawn([&]() -> lull::task<> {
        auto value = counted;
        (void)co_await c.send(std::move(value));
      });
    }
    co_await lull::yield();
    REQUIRE(counted.use_count() == 7);
    {
      const auto received = co_await c.receive();
      REQUIRE(counted.use_count() == 7);
    }
    REQUIRE(counted.use_count() == 6);
    all.request_stop();
    co_await all.join();
    REQUIRE(counted.use_count() == 4);
  });
  REQUIRE(counted.use_count() == 1);
}
