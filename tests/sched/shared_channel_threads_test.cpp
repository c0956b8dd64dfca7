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

#include <lull/ring/kernel.hpp>
#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>
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

// Takes its time to come back from waking a core that has been woken.
class late_kernel final : public lull::kernel {
 public:
  std::atomic<bool> is_late{false};
  std::atomic<bool> is_signalling{false};

  int signal_event(int descriptor) noexcept override {
    is_signalling = true;
    const int result = real_.signal_event(descriptor);
    if (is_late) std::this_thread::sleep_for(50ms);
    is_signalling = false;
    return result;
  }

  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    return real_.setup(entries, params, into);
  }
  void teardown(io_uring& ring) noexcept override { real_.teardown(ring); }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t argument_bytes) noexcept override {
    return real_.enter(descriptor, submit, wait_for, flags, argument, argument_bytes);
  }
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    return real_.register_with(descriptor, opcode, argument, count);
  }
  int close(int descriptor) noexcept override { return real_.close(descriptor); }
  int event_descriptor() noexcept override { return real_.event_descriptor(); }

  // A core calls none of these.
  int socket(int, int, int) noexcept override { return -1; }
  int bind(int, const sockaddr*, socklen_t) noexcept override { return -1; }
  int listen(int, int) noexcept override { return -1; }
  int set_option(int, int, int, const void*, socklen_t) noexcept override { return -1; }
  int local_address(int, sockaddr*, socklen_t*) noexcept override { return -1; }
  int peer_address(int, sockaddr*, socklen_t*) noexcept override { return -1; }
  int unconfirmed_bytes(int) noexcept override { return -1; }
  int remove_unused_name(int, const sockaddr*, socklen_t) noexcept override { return -1; }

 private:
  lull::kernel& real_ = lull::real_kernel();
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
                (void)co_await c.send(std::make_unique<parcel>(here, i));
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
              (void)co_await from_core.send(std::move(*got));
            }
            from_core.close();
          }) == 0);
  for (auto& one : threads) one.join();
  receiver.join();
  REQUIRE(back.received == 2 * each);
  REQUIRE(back.out_of_order == 0);
}

TEST_CASE("a thread that has woken a core has done with it before the waiting task goes on") {
  late_kernel kernel;
  lull::domain shared;
  lull::core_options options;
  options.ring = {.submissions = 64, .completions = 256};
  options.ring.allowed = options.ring.allowed & lull::detected_capabilities();
  options.poll = 0ns;
  lull::core core(0, shared, options, kernel);
  lull::shared_channel<int> c(1);
  std::atomic<bool> waits{false};
  bool was_done = false;
  std::thread sender([&] {
    while (!waits) std::this_thread::yield();
    std::this_thread::sleep_for(20ms);  // it sleeps by now, or this proves nothing
    kernel.is_late = true;
    (void)c.try_send(1);
    kernel.is_late = false;
  });
  {
    const lull::core::inside here(core);
    core.root().spawn([&]() -> lull::task<> {
      waits = true;
      const auto value = co_await c.receive();
      was_done = value == 1 && !kernel.is_signalling;
      core.finish();
    });
  }
  core.serve();
  sender.join();
  REQUIRE(was_done);
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
