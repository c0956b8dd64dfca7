// SPDX-License-Identifier: MIT
#include <lull/sched/runtime.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/run_on.hpp>
#include <lull/sched/sleep.hpp>

using namespace std::chrono_literals;

namespace {

// So many cores, whatever the number of processors.
lull::run_options with_cores(unsigned count) {
  lull::run_options options;
  const auto processors = lull::all_cores();
  for (unsigned i = 0; i < count; ++i) {
    options.cores.push_back(processors[i % processors.size()]);
  }
  options.core.ring.submissions = 64;
  options.core.ring.completions = 256;
  return options;
}

}  // namespace

TEST_CASE("main runs on every core, and run ends when all have ended") {
  std::atomic<unsigned> ran{0};
  lull::runtime runtime(with_cores(4));
  runtime.run([&]() -> lull::task<> {
    if (lull::core_count() == 4) ran += 1U << lull::this_core();
    co_return;
  });
  REQUIRE(ran == 0b1111);
}

TEST_CASE("deleters of what was retired last found a core that had ended") {
  static std::atomic<int> called{0};
  static std::atomic<int> ran{0};
  // Retires what it spawns a task for, so many times one after the other.
  struct chain {
    int left;
    ~chain() {
      ++called;
      lull::spawn({.name = "link"}, []() -> lull::task<> {
        co_await lull::run_on(lull::this_core() ^ 1U, [] { ++ran; });
      });
      if (left > 0) lull::retire(std::make_unique<chain>(left - 1));
    }
  };
  for (const unsigned cores : {2U, 4U}) {
    called = ran = 0;
    REQUIRE(lull::run(with_cores(cores), []() -> lull::task<> {
              // More than a few iterations release.
              for (int i = 0; i < 200'000; ++i) lull::retire(std::make_unique<int>(i));
              lull::retire(std::make_unique<chain>(3));
              co_return;
            }) == 0);
    REQUIRE(called == 4 * static_cast<int>(cores));
    REQUIRE(ran == called);
  }
}

TEST_CASE("what was spawned is waited for, on whatever core it was started from where") {
  std::atomic<int> ended{0};
  REQUIRE(lull::run(with_cores(3), [&]() -> lull::task<> {
            if (lull::this_core() != 0) co_return;
            lull::spawn([&]() -> lull::task<> {
              co_await lull::sleep(2ms);
              co_await lull::run_on(2, [&] {
                lull::spawn([&]() -> lull::task<> {
                  co_await lull::sleep(2ms);
                  ++ended;
                });
              });
              ++ended;
            });
          }) == 0);
  REQUIRE(ended == 2);
}

TEST_CASE("an exception of a main stops the others and is thrown by run") {
  lull::runtime runtime(with_cores(2));
  std::string what;
  try {
    runtime.run([]() -> lull::task<> {
      if (lull::this_core() == 1) throw std::runtime_error("core 1 gave up");
      co_await lull::stop_requested();
    });
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  REQUIRE(what == "core 1 gave up");
}

TEST_CASE("an exception of a spawned task stops the runtime at once") {
  REQUIRE(lull::run(with_cores(2), []() -> lull::task<> {
            if (lull::this_core() == 1) {
              lull::spawn([]() -> lull::task<> {
                co_await lull::yield();
                throw std::runtime_error("a spawned task failed (this line is part of the test)");
              });
            }
            co_await lull::stop_requested();
          }) == 1);
}

TEST_CASE("another thread stops a runtime, before it runs and while it runs") {
  for (const bool early : {true, false}) {
    lull::runtime runtime(with_cores(2));
    if (early) runtime.request_stop();
    std::thread stopper([&] {
      if (early) return;
      std::this_thread::sleep_for(5ms);
      runtime.request_stop();
      runtime.request_stop();
    });
    runtime.run([]() -> lull::task<> { co_await lull::stop_requested(); });
    stopper.join();
    runtime.request_stop();
  }
}

TEST_CASE("a task asks the runtime that it runs in to stop") {
  int ended = 0;
  std::mutex both;
  lull::runtime(with_cores(2)).run([&]() -> lull::task<> {
    if (lull::this_core() == 1) lull::request_stop();
    co_await lull::stop_requested();
    const std::lock_guard lock(both);
    ++ended;
  });
  CHECK(ended == 2);
}

TEST_CASE("what was spawned never heard of a stop, and kept the runtime from ending") {
  std::atomic<int> ended{0};
  std::atomic<int> early{0};
  std::atomic<int> draining{2};
  lull::runtime runtime(with_cores(2));
  runtime.run([&]() -> lull::task<> {
    lull::spawn([&]() -> lull::task<> {
      while (co_await lull::sleep(1ms)) {}
      if (draining != 0) ++early;  // the mains end before it is asked to
      ++ended;
    });
    if (lull::this_core() == 0) runtime.request_stop();
    co_await lull::stop_requested();
    co_await lull::sleep(5ms);
    --draining;
  });
  CHECK(ended == 2);
  CHECK(early == 0);
}

TEST_CASE("what was spawned goes on after the mains, until a stop is asked for") {
  std::atomic<bool> ended{false};
  lull::runtime runtime(with_cores(2));
  runtime.run([&]() -> lull::task<> {
    if (lull::this_core() == 1) co_return;
    lull::spawn([&]() -> lull::task<> {
      const bool slept = co_await lull::sleep(5ms);
      CHECK(slept);
      runtime.request_stop();
      while (co_await lull::sleep(1ms)) {}
      ended = true;
    });
  });
  CHECK(ended);
}

TEST_CASE("SIGTERM asks all cores to stop") {
  std::atomic<int> stopped{0};
  REQUIRE(lull::run(with_cores(2), [&]() -> lull::task<> {
            if (lull::this_core() == 0) ::kill(::getpid(), SIGTERM);
            co_await lull::stop_requested();
            co_await lull::stop_requested();
            ++stopped;
          }) == 0);
  REQUIRE(stopped == 2);
}

TEST_CASE("of two runtimes at a time that handle signals each got some; the second is refused") {
  std::atomic<int> ran{0};
  const auto count = [&ran]() -> lull::task<> {
    ++ran;
    co_return;
  };
  lull::runtime second(with_cores(1));
  std::string what;
  lull::runtime(with_cores(1)).run([&]() -> lull::task<> {
    std::thread([&] {
      try {
        second.run(count);
      } catch (const std::system_error& error) {
        what = error.what();
      }
      auto without = with_cores(1);
      without.handle_signals = false;
      lull::runtime(without).run(count);
    }).join();
    co_return;
  });
  CHECK(what.find("another runtime or a signal_stream reads them; set run_options::handle_signals "
                  "to false") != std::string::npos);
  CHECK(ran == 1);
  second.run(count);
  CHECK(ran == 2);
}

TEST_CASE("waiting for a stop ends when the waiting task's scope is stopped") {
  REQUIRE(lull::run(with_cores(1), []() -> lull::task<> {
            lull::scope waiting;
            waiting.spawn([]() -> lull::task<> { co_await lull::stop_requested(); });
            co_await lull::yield();
            waiting.request_stop();
            co_await waiting.join();
          }) == 0);
}

TEST_CASE("a processor that is not there is refused with its number") {
  lull::run_options options;
  options.cores = {lull::all_cores()[0], 1000};
  lull::runtime runtime(options);
  std::string what;
  try {
    runtime.run([]() -> lull::task<> { co_return; });
  } catch (const std::system_error& error) {
    what = error.what();
  }
  REQUIRE(what.find("core 1 cannot run on processor 1000") != std::string::npos);
}

TEST_CASE("cores call each other crosswise while they sleep and wake, one entry an iteration") {
  std::atomic<int> calls{0};
  std::atomic<int> entered_twice{0};
  REQUIRE(lull::run(with_cores(4), [&]() -> lull::task<> {
            for (unsigned i = 0; i < 2000; ++i) {
              if (i % 64 == 0) co_await lull::sleep(std::chrono::microseconds(i % 200));
              const unsigned to = (lull::this_core() + i) % lull::core_count();
              if (co_await lull::run_on(to, [] { return lull::this_core(); }) == to) ++calls;
            }
            const auto counts = lull::core::current().statistics();
            if (counts.enters > counts.iterations + 1) ++entered_twice;
          }) == 0);
  REQUIRE(calls == 8000);
  REQUIRE(entered_twice == 0);
}

TEST_CASE("cores wake each other by event descriptor where ring messages are not to be had") {
  auto options = with_cores(2);
  options.core.ring.allowed.ring_message = false;
  options.core.poll = 0ns;
  std::atomic<int> calls{0};
  REQUIRE(lull::run(options, [&]() -> lull::task<> {
            for (int i = 0; i < 200; ++i) {
              co_await lull::run_on(1 - lull::this_core(), [&] { ++calls; });
            }
          }) == 0);
  REQUIRE(calls == 400);
}

TEST_CASE(
    "a core that polls without limit does not sleep for an answer, one below nothing only sleeps") {
  for (const lull::nanoseconds poll : {lull::nanoseconds::max(), lull::nanoseconds(-1s)}) {
    CAPTURE(poll.count());
    auto options = with_cores(2);
    options.core.poll = poll;
    lull::core_statistics before;
    lull::core_statistics after;
    REQUIRE(lull::run(options, [&]() -> lull::task<> {
              if (lull::this_core() != 0) co_return;
              before = lull::core::current().statistics();
              co_await lull::run_on(1, [] { std::this_thread::sleep_for(1ms); });
              after = lull::core::current().statistics();
            }) == 0);
    if (poll < 0ns) {
      REQUIRE(after.polls == 0);
    } else {
      REQUIRE(after.sleeps == before.sleeps);
      REQUIRE(after.polls > before.polls);
    }
  }
}
