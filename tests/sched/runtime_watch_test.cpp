// SPDX-License-Identifier: MIT

// What the thread that watches a runtime's cores does: sched/runtime_watch.cpp.

#include <lull/sched/runtime.hpp>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "../run_child.hpp"

using namespace std::chrono_literals;

namespace {

// Whoever does not heed a signal is killed by another in the end.
constexpr unsigned patience_s = 30;
// After which a signal is another one.
constexpr std::chrono::milliseconds a_while{600};

lull::run_options watched() {
  lull::run_options options;
  options.cores = {lull::all_cores()[0]};
  options.stall_threshold = 4ms;
  options.reclamation.stalls.report = [](void*, const lull::stall_report&) noexcept {};
  return options;
}

// Keeps its core until another thread has read the signal.
void stand_still_until_read(int signal) {
  ::kill(::getpid(), signal);
  for (sigset_t open{}; ::sigpending(&open) == 0 && sigismember(&open, signal) != 0;) {
    std::this_thread::sleep_for(1ms);
  }
}

lull::task<> stand_still_for_both() {
  co_await lull::sleep(1ms);  // the ring waits for signals by then
  stand_still_until_read(SIGTERM);
  std::this_thread::sleep_for(a_while);
  stand_still_until_read(SIGTERM);
  std::this_thread::sleep_for(1h);
}

lull::task<> stand_still_for_the_first() {
  co_await lull::sleep(1ms);
  stand_still_until_read(SIGTERM);
  co_await lull::stop_requested();
  co_await lull::sleep(a_while);
  ::kill(::getpid(), SIGTERM);
  co_await lull::sleep(1h);
}

// The core never has done with closing what was dropped, as if the kernel did not end it.
lull::task<> close_for_ever() {
  ++lull::detail::this_context("a test").background;
  std::thread([] {
    std::this_thread::sleep_for(50ms);
    for (;; std::this_thread::sleep_for(5ms)) ::kill(::getpid(), SIGTERM);
  }).detach();
  co_return;
}

test::ended run_with_signals(const lull::run_options& options, lull::task<> (*main)()) {
  return test::run_child([&] {
    ::alarm(patience_s);
    ::_exit(lull::run(options, main));
  });
}

}  // namespace

TEST_CASE("SIGTERM to a program whose core 0 stands still was never heard") {
  lull::run_options by_thread = watched();
  by_thread.core.ring.submission_thread = true;
  lull::run_options at_once = watched();
  at_once.core.ring.allowed.deferred_task_work = false;
  lull::run_options restricted = watched();
  restricted.core.ring.restricted = true;
  const auto check = [](const lull::run_options& options, lull::task<> (*main)()) {
    const test::ended end = run_with_signals(options, main);
    INFO(end.said);
    CHECK(end.status == 128 + SIGTERM);
    CHECK(end.said.find("a second signal (15)") != std::string::npos);
  };
  check(watched(), stand_still_for_the_first);
  check(restricted, stand_still_for_both);
  check(by_thread, stand_still_for_both);
  check(at_once, stand_still_for_both);
}

TEST_CASE(
    "a second SIGTERM to a runtime whose tasks have ended and whose core has not was not heard") {
  const test::ended end = run_with_signals(watched(), close_for_ever);
  INFO(end.said);
  CHECK(end.status == 128 + SIGTERM);
}

TEST_CASE("a SIGTERM that came to the program and to its group was two, and ended it at once") {
  const test::ended end = run_with_signals(watched(), []() -> lull::task<> {
    co_await lull::sleep(1ms);
    stand_still_until_read(SIGTERM);
    stand_still_until_read(SIGTERM);
    co_await lull::stop_requested();
  });
  INFO(end.said);
  CHECK(end.status == 0);
}
