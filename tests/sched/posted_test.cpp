// SPDX-License-Identifier: MIT

// runtime::post and runtime::submit, from threads that are no core.

#include <lull/sched/posted.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include "threads.hpp"

using namespace std::chrono_literals;

namespace {

lull::task<> until_stopped() { co_await lull::stop_requested(); }

// A runtime in a thread of its own, which has begun to run.
class running_runtime {
 public:
  explicit running_runtime(unsigned cores) : runtime(test::some_cores(cores)) {
    thread_ = std::thread([this] {
      try {
        runtime.run(until_stopped);
      } catch (const std::exception& error) {
        what = error.what();
      }
    });
    while (!runtime.post(0, [] {})) std::this_thread::yield();
  }
  ~running_runtime() { end(); }
  void end() {
    if (!thread_.joinable()) return;
    runtime.request_stop();
    thread_.join();
  }

  lull::runtime runtime;
  std::string what;

 private:
  std::thread thread_;
};

}  // namespace

TEST_CASE("another thread posts functions and tasks, which run on the core in order") {
  running_runtime there(2);
  std::string order;
  std::atomic<unsigned> wrong{0};
  std::atomic<int> taken{0};
  std::thread other([&] {
    for (const char name : std::string("abc")) {
      taken += there.runtime.post(1, [&, name] {
        order += name;
        if (lull::this_core() != 1) ++wrong;
      });
    }
    auto boxed = std::make_unique<char>('d');
    taken += there.runtime.post(1, [&, boxed = std::move(boxed)]() -> lull::task<> {
      co_await lull::sleep(1ms);
      order += *boxed;
      if (lull::this_core() != 1) ++wrong;
    });
  });
  other.join();
  there.end();
  REQUIRE(taken == 4);
  REQUIRE(order == "abcd");
  REQUIRE(wrong == 0);
  REQUIRE(there.what.empty());
}

TEST_CASE("another thread submits, and waits for the value or the exception") {
  running_runtime there(2);
  auto plain = there.runtime.submit(1, [] { return lull::this_core(); });
  auto lazy = there.runtime.submit(0, []() -> lull::task<std::unique_ptr<int>> {
    co_await lull::sleep(1ms);
    co_return std::make_unique<int>(5);
  });
  auto nothing = there.runtime.submit(0, []() -> lull::task<> { co_await lull::yield(); });
  auto plain_failure = there.runtime.submit(1, [] { throw std::runtime_error("plain"); });
  auto lazy_failure = there.runtime.submit(1, []() -> lull::task<int> {
    co_await lull::yield();
    throw std::runtime_error("task");
  });
  REQUIRE(plain.get() == 1);
  REQUIRE(*lazy.get() == 5);
  nothing.get();
  there.end();
  REQUIRE_THROWS_AS(plain_failure.get(), std::runtime_error);
  REQUIRE_THROWS_AS(lazy_failure.get(), std::runtime_error);
  REQUIRE(there.what.empty());
}

TEST_CASE("what is posted and throws ends the runtime with its exception") {
  running_runtime there(2);
  REQUIRE(there.runtime.post(1, [] { throw std::runtime_error("posted in vain"); }));
  there.end();
  REQUIRE(there.what == "posted in vain");
}

TEST_CASE("a runtime that does not run yet, or no more, refuses") {
  bool ran = false;
  const auto refused = [&](lull::runtime& by) {
    if (by.post(0, [&] { ran = true; })) return false;
    auto result = by.submit(1, [&] { ran = true; });
    try {
      result.get();
    } catch (const std::system_error& error) {
      return error.code() == std::errc::operation_not_permitted &&
             std::string(error.what()).find("core 1 takes nothing") != std::string::npos;
    }
    return false;
  };
  lull::runtime runtime(test::some_cores(2));
  REQUIRE(refused(runtime));
  runtime.run([]() -> lull::task<> { co_return; });
  REQUIRE(refused(runtime));
  REQUIRE_FALSE(ran);

  auto options = test::some_cores(2);
  options.cores[1] = 1000;
  lull::runtime abandoned(options);
  REQUIRE_THROWS_AS(abandoned.run(until_stopped), std::system_error);
  REQUIRE(refused(abandoned));
}

TEST_CASE("a runtime did not end while a thread posted what retires") {
  lull::runtime runtime(test::some_cores(4));
  std::atomic<bool> runs{false};
  std::atomic<int> waiting{0};
  bool refused = false;
  std::thread poster([&] {
    while (!runs) std::this_thread::yield();
    const auto enough = std::chrono::steady_clock::now() + 5s;
    while (!refused && std::chrono::steady_clock::now() < enough) {
      if (waiting >= 3) continue;
      ++waiting;
      refused = !runtime.post(0, [&] {
        lull::retire(std::make_unique<int>(1));
        const auto end = std::chrono::steady_clock::now() + 2ms;
        while (std::chrono::steady_clock::now() < end) {}
        --waiting;
      });
    }
  });
  runtime.run([&]() -> lull::task<> {
    runs = true;
    co_await lull::sleep(50ms);
  });
  poster.join();
  CHECK(refused);
}

TEST_CASE("threads post until they are refused: what was taken has run, however late it came") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> taken{0};
    std::atomic<int> ran{0};
    lull::runtime runtime(test::some_cores(2));
    std::atomic<bool> runs{false};
    std::vector<std::thread> posters;
    for (unsigned core = 0; core < 2; ++core) {
      posters.emplace_back([&, core] {
        while (!runs) std::this_thread::yield();
        // Denser than any look of the runtime at whether something is left.
        for (bool task = false;; task = !task) {
          const bool mine = task ? runtime.post(core,
                                                [&]() -> lull::task<> {
                                                  co_await lull::sleep(100us);
                                                  ++ran;
                                                })
                                 : runtime.post(core, [&] { ++ran; });
          if (!mine) break;
          ++taken;
          while (taken - ran > 50) std::this_thread::yield();  // a runtime does not bound it
        }
      });
    }
    runtime.run([&]() -> lull::task<> {
      runs = true;
      while (taken < 200) co_await lull::sleep(50us);
    });
    REQUIRE(ran >= 200);
    for (auto& one : posters) one.join();
    REQUIRE(ran == taken);
  }
}
