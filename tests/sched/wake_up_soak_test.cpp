// SPDX-License-Identifier: MIT

// Two cores that play ping-pong, and poll or sleep in between as it comes: a wake-up that is lost
// leaves both asleep. 200,000 rounds in all; LULL_PING_PONGS=10000000 in the environment plays so
// many.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/run_on.hpp>
#include <lull/sched/shared_channel.hpp>
#include <lull/sched/sleep.hpp>

#include "threads.hpp"

using namespace std::chrono_literals;

namespace {

std::uint64_t ping_pongs() {
  const char* const wanted = std::getenv("LULL_PING_PONGS");
  return wanted == nullptr ? 200'000 : std::strtoull(wanted, nullptr, 10);
}

// Ends the program when nothing has moved for thirty seconds.
class watchdog {
 public:
  explicit watchdog(const char* what) : thread_([this, what] { watch(what); }) {}
  ~watchdog() {
    done_ = true;
    thread_.join();
  }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  void moved() noexcept { moves_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t moves() const noexcept { return moves_.load(std::memory_order_relaxed); }

 private:
  void watch(const char* what) {
    std::uint64_t seen = moves();
    auto since = std::chrono::steady_clock::now();
    while (!done_) {
      std::this_thread::sleep_for(10ms);
      const auto now = std::chrono::steady_clock::now();
      if (moves() != seen) {
        seen = moves();
        since = now;
      } else if (now - since > 30s) {
        std::fprintf(stderr, "%s: a wake-up was lost: nothing moved for 30 s, after %llu rounds\n",
                     what, static_cast<unsigned long long>(seen));
        std::abort();
      }
    }
  }

  std::atomic<std::uint64_t> moves_{0};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t roll(std::uint64_t sides) noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % sides;
  }

 private:
  std::uint64_t state_;
};

// Now and then long enough for the other core to have gone to sleep, or to be about to.
lull::task<> linger(dice& chance) {
  const std::uint64_t choice = chance.roll(64);
  if (choice == 0) {
    co_await lull::sleep(std::chrono::microseconds(chance.roll(120)));
  } else if (choice < 4) {
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::nanoseconds(chance.roll(9000));
    while (std::chrono::steady_clock::now() < until) co_await lull::yield();
  }
}

// A quarter of the rounds each: run_on or channels, with a core that polls or one that does not.
void play(const char* what, lull::nanoseconds poll, bool by_channels) {
  const std::uint64_t rounds = ping_pongs() / 4;
  watchdog dog(what);
  lull::shared_channel<std::uint64_t> there(1);
  lull::shared_channel<std::uint64_t> back(1);
  std::atomic<std::uint64_t> wrong{0};
  auto options = test::some_cores(2);
  options.core.poll = poll;
  const auto call = [&]() -> lull::task<> {
    dice chance(1);
    if (lull::this_core() != 0) co_return;
    for (std::uint64_t i = 0; i < rounds; ++i) {
      const auto where = co_await lull::run_on(1, [] { return lull::this_core(); });
      if (where != 1) ++wrong;
      dog.moved();
      co_await linger(chance);
    }
  };
  const auto serve = [&]() -> lull::task<> {
    dice chance(lull::this_core() + 2);
    for (std::uint64_t i = 0; i < rounds; ++i) {
      if (lull::this_core() == 0) {
        (void)co_await there.send(i);
        const auto echo = co_await back.receive();
        if (echo != i) ++wrong;
        dog.moved();
      } else {
        const auto ball = co_await there.receive();
        (void)co_await back.send(*ball);
      }
      co_await linger(chance);
    }
  };
  const int status = by_channels ? lull::run(options, serve) : lull::run(options, call);
  REQUIRE(status == 0);
  REQUIRE(wrong == 0);
  REQUIRE(dog.moves() == rounds);
}

}  // namespace

TEST_CASE("no wake-up is lost between cores that poll and sleep as it comes") {
  play("run_on, polling", 5us, false);
  play("channels, polling", 5us, true);
}

TEST_CASE("no wake-up is lost between cores that sleep at once") {
  play("run_on, sleeping", 0us, false);
  play("channels, sleeping", 0us, true);
}
