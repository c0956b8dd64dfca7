// SPDX-License-Identifier: MIT

// Shared channels between real threads: cores that sleep and wake, and threads that are no core.

#include <lull/sched/shared_channel.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "threads.hpp"

using namespace std::chrono_literals;

namespace {

struct parcel {
  unsigned sender = 0;
  int number = 0;
};
using parcels = lull::shared_channel<std::unique_ptr<parcel>>;

// Who receives checks that the parcels of a sender come in order. One receives all of a channel,
// so it sees the order; with several, each sees a part of it, in order.
struct receipts {
  void note(const parcel& one) {
    auto [at, first] = last.try_emplace(one.sender, -1);
    if (one.number <= at->second) ++out_of_order;
    at->second = one.number;
    ++received;
  }

  std::map<unsigned, int> last;
  int received = 0;
  int out_of_order = 0;
};

}  // namespace

TEST_CASE("many cores send to many: each value arrives once, those of a sender in order") {
  constexpr int each = 1000;
  parcels c(4);
  std::atomic<unsigned> senders{3};
  std::array<receipts, 3> by_core;
  REQUIRE(lull::run(test::some_cores(3), [&]() -> lull::task<> {
            const unsigned here = lull::this_core();
            lull::scope both;
            both.spawn([&c, &senders, here]() -> lull::task<> {
              for (int i = 0; i < each; ++i) {
                if (i % 64 == 0) co_await lull::sleep(std::chrono::microseconds(i % 100));
                co_await c.send(std::make_unique<parcel>(here, i));
              }
              if (--senders == 0) c.close();
            });
            both.spawn([&c, &by_core, here]() -> lull::task<> {
              for (;;) {
                const auto got = co_await c.receive();
                if (!got) co_return;
                by_core[here].note(**got);
              }
            });
            co_await both.join();
          }) == 0);
  int received = 0;
  for (const auto& one : by_core) {
    received += one.received;
    REQUIRE(one.out_of_order == 0);
  }
  REQUIRE(received == 3 * each);
}

TEST_CASE("threads that are no core send to a core and receive from it") {
  constexpr int each = 2000;
  parcels to_core(4);
  parcels from_core(4);
  std::vector<std::thread> threads;
  for (unsigned sender = 0; sender < 2; ++sender) {
    threads.emplace_back([&to_core, sender] {
      for (int i = 0; i < each; ++i) {
        auto one = std::make_unique<parcel>(sender, i);
        while (!to_core.try_send(std::move(one))) std::this_thread::yield();
      }
    });
  }
  receipts back;
  std::thread receiver([&] {
    while (!from_core.is_closed() || from_core.size() != 0) {
      if (const auto one = from_core.try_receive()) {
        back.note(**one);
      } else {
        std::this_thread::yield();
      }
    }
  });
  auto options = test::some_cores(1);
  options.core.poll = 0ns;
  REQUIRE(lull::run(options, [&]() -> lull::task<> {
            for (int i = 0; i < 2 * each; ++i) {
              auto got = co_await to_core.receive();
              co_await from_core.send(std::move(*got));
            }
            from_core.close();
          }) == 0);
  for (auto& one : threads) one.join();
  receiver.join();
  REQUIRE(back.received == 2 * each);
  REQUIRE(back.out_of_order == 0);
}

// The core goes as soon as it has been woken, while whoever woke it may still be at it.
TEST_CASE("a core that ends with the value it waited for does not go before who sent it is done") {
  for (int round = 0; round < 100; ++round) {
    lull::shared_channel<int> c(1);
    std::thread sender([&c] {
      for (int value = 1; !c.try_send(std::move(value));) std::this_thread::yield();
    });
    auto options = test::some_cores(1);
    options.core.poll = 0ns;
    options.stall_threshold = 0ns;
    int got = 0;
    REQUIRE(lull::run(options, [&]() -> lull::task<> {
              const auto value = co_await c.receive();
              got = *value;
            }) == 0);
    sender.join();
    REQUIRE(got == 1);
  }
}

TEST_CASE("time limits race with values, and none is lost") {
  constexpr int each = 500;
  lull::shared_channel<int> c(2);
  std::atomic<unsigned> senders{2};
  std::atomic<int> sent{0};
  std::atomic<int> received{0};
  REQUIRE(lull::run(test::some_cores(4), [&]() -> lull::task<> {
            if (lull::this_core() < 2) {
              for (int i = 0; i < each; ++i) {
                const auto limit = std::chrono::microseconds(i % 40);
                const auto in_time = co_await lull::timeout(limit, c.send(i));
                if (in_time.has_value() && *in_time) ++sent;
                if (i % 8 == 0) co_await lull::sleep(30us);
              }
              if (--senders == 0) c.close();
              co_return;
            }
            for (int i = 0;; ++i) {
              const auto limit = std::chrono::microseconds(i % 60);
              const auto got = co_await lull::timeout(limit, c.receive());
              if (got.has_value() && got->has_value()) {
                ++received;
              } else if (c.is_closed() && c.size() == 0) {
                co_return;
              }
            }
          }) == 0);
  REQUIRE(sent > 0);
  REQUIRE(received == sent);
}
