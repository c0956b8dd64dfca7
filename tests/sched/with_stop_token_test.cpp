// SPDX-License-Identifier: MIT
#include <lull/sched/with_stop_token.hpp>

#include <atomic>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/runtime.hpp>
#include <lull/sched/timeout.hpp>

#include "helpers.hpp"
#include "waits.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<int> some_turns(int turns) {
  for (int i = 0; i < turns; ++i) co_await lull::yield();
  co_return turns;
}
lull::task<bool> nap_until_stopped() { co_return co_await lull::sleep(1h); }

// Requests a stop of one source after the other, each as soon as it is told of it, from a thread
// of its own.
class asking_thread {
 public:
  explicit asking_thread(int count)
      : sources_(static_cast<std::size_t>(count)), thread_([this] { ask_all(); }) {}
  ~asking_thread() { thread_.join(); }
  asking_thread(const asking_thread&) = delete;
  asking_thread& operator=(const asking_thread&) = delete;

  std::stop_token token(int i) { return sources_[static_cast<std::size_t>(i)].get_token(); }
  void may_ask(int i) { allowed_.store(i + 1, std::memory_order_release); }

 private:
  void ask_all() {
    int next = 0;
    for (auto& one : sources_) {
      while (allowed_.load(std::memory_order_acquire) <= next) std::this_thread::yield();
      for (int i = 0; i < next % 64; ++i) allowed_.load(std::memory_order_acquire);
      one.request_stop();
      ++next;
    }
  }

  std::vector<std::stop_source> sources_;
  std::atomic<int> allowed_{0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("without a request a token changes nothing, and results and exceptions pass") {
  test::run_alone([]() -> lull::task<> {
    std::stop_source source;
    const int turns = co_await lull::with_stop_token(source.get_token(), some_turns(3));
    REQUIRE(turns == 3);
    const int none = co_await lull::with_stop_token(std::stop_token(), some_turns(1));
    REQUIRE(none == 1);
    co_await lull::with_stop_token(source.get_token(), lull::yield());
    bool thrown = false;
    const auto fails = []() -> lull::task<> {
      co_await lull::yield();
      throw std::runtime_error("no");
    };
    try {
      co_await lull::with_stop_token(source.get_token(), fails());
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    REQUIRE(thrown);
    source.request_stop();  // nobody hears of it any more
  });
}

TEST_CASE("a token of which a stop was requested before stops what begins") {
  test::run_alone([]() -> lull::task<> {
    std::stop_source source;
    source.request_stop();
    const bool slept = co_await lull::with_stop_token(source.get_token(), lull::sleep(1h));
    REQUIRE_FALSE(slept);
    const int turns = co_await lull::with_stop_token(source.get_token(), some_turns(2));
    REQUIRE(turns == 2);  // it asked for nothing that a stop ends
  });
}

TEST_CASE(
    "a stop asked of the caller, and one by a token on the same core, reach what is awaited") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::stop_source source;
  std::string ended;
  tasks.spawn([&]() -> lull::task<> {
    const bool slept = co_await lull::with_stop_token(source.get_token(), nap_until_stopped());
    if (!slept) ended += 't';
    std::stop_source other;
    const bool again = co_await lull::with_stop_token(other.get_token(), nap_until_stopped());
    if (!again) ended += 'c';
  });
  cores.turn();
  source.request_stop();
  for (int i = 0; i < 3; ++i) cores.turn();
  REQUIRE(ended == "t");
  tasks.request_stop();
  tasks.finish();
  REQUIRE(ended == "tc");
}

TEST_CASE("what ends with the request still on its way waits for it") {
  test::driven_cores cores(1);
  test::watched tasks(cores);
  std::stop_source source;
  int ended = 0;
  tasks.spawn([&]() -> lull::task<> {
    const auto asks_and_ends = [&]() -> lull::task<> {
      co_await lull::yield();
      source.request_stop();  // a message to this core, not delivered before the next step
    };
    co_await lull::with_stop_token(source.get_token(), asks_and_ends());
    ended = 1;
    const bool slept = co_await lull::sleep(1h);
    ended = slept ? 0 : 2;
  });
  cores.turn();
  cores.turn();
  REQUIRE(ended == 1);
  tasks.request_stop();
  tasks.finish();
  REQUIRE(ended == 2);
}

TEST_CASE("tokens from another thread stop thousands of sleeps, one after the other") {
  constexpr int rounds = 3'000;
  test::driven_cores cores(1);
  test::watched tasks(cores);
  asking_thread other(rounds);
  int stopped = 0;
  tasks.spawn([&]() -> lull::task<> {
    for (int i = 0; i < rounds; ++i) {
      if (i % 3 != 0) other.may_ask(i);
      auto waits = lull::with_stop_token(other.token(i), nap_until_stopped());
      if (i % 3 == 0) other.may_ask(i);
      const bool slept = co_await std::move(waits);
      if (!slept) ++stopped;
    }
  });
  while (!tasks.ended()) cores.turn();
  REQUIRE(stopped == rounds);
}

TEST_CASE("tokens from another thread race with the end of what they stop") {
  constexpr int rounds = 5'000;
  test::driven_cores cores(1);
  test::watched tasks(cores);
  asking_thread other(rounds);
  int ended = 0;
  tasks.spawn([&]() -> lull::task<> {
    for (int i = 0; i < rounds; ++i) {
      other.may_ask(i);
      const int turns = co_await lull::with_stop_token(other.token(i), some_turns(i % 16));
      if (turns == i % 16) ++ended;
    }
  });
  while (!tasks.ended()) cores.turn();
  REQUIRE(ended == rounds);
}

TEST_CASE("a token wakes a core that sleeps") {
  std::stop_source source;
  std::thread other;
  bool slept = true;
  const int status = lull::run({.cores = {lull::all_cores()[0]}}, [&]() -> lull::task<> {
    other = std::thread([&source] {
      std::this_thread::sleep_for(2ms);
      source.request_stop();
    });
    slept = co_await lull::with_stop_token(source.get_token(), lull::sleep(1h));
  });
  other.join();
  REQUIRE(status == 0);
  REQUIRE_FALSE(slept);
}
