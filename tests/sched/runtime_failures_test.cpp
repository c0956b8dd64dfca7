// SPDX-License-Identifier: MIT
#include <lull/sched/runtime.hpp>

#include <chrono>
#include <csignal>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include <lull/lull.hpp>

#include "../allocations.hpp"
#include "../no_new_threads.hpp"
#include "../run_child.hpp"
#include "helpers.hpp"

TEST_CASE("a runtime without memory for one of its parts throws, and has ended by then") {
  test::need_allocations();
  bool met = true;
  std::size_t passes = 0;
  for (; met; ++passes) {
    REQUIRE(passes < 10000);
    bool threw = false;
    bool ran = false;
    {
      lull::runtime one({.cores = {lull::all_cores()[0], lull::all_cores()[0]},
                         .shutdown_limit = std::chrono::seconds(3)});
      const test::failing_allocations failing(passes, test::failing::once);
      try {
        one.run([&ran]() -> lull::task<> {
          ran = true;
          co_return;
        });
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      met = failing.met();
    }
    CHECK((threw || ran));
    if (threw) CHECK(met);
    if (!met) CHECK_FALSE(threw);
  }
  CHECK(passes > 10);
}

TEST_CASE("a shutdown that had no memory to list what is alive ended without its sentence") {
  test::need_allocations();
  const test::ended end = test::run_child([] {
    lull::runtime one({.cores = {lull::all_cores()[0]},
                       .stall_threshold = lull::nanoseconds::zero(),
                       .shutdown_limit = std::chrono::milliseconds(50)});
    one.request_stop();
    std::optional<test::failing_allocations> none;
    lull::auto_event nobody_sets;
    one.run([&]() -> lull::task<> {
      lull::spawn([&]() -> lull::task<> {
        for (;;) co_await lull::shield(nobody_sets.wait());
      });
      co_await lull::yield();
      none.emplace(0);
    });
  });
  CHECK(end.signal == SIGABRT);
  INFO(end.said);
  CHECK(end.said.find("core 0: no memory to list its tasks") != std::string::npos);
  CHECK(end.said.find("tasks are alive") != std::string::npos);
}

TEST_CASE("a call whose task had no memory on the other core was never answered") {
  test::need_allocations();
  bool met = true;
  bool threw_once = false;
  for (std::size_t passes = 0; met; ++passes) {
    REQUIRE(passes < 1000);
    test::driven_cores cores(2);
    int got = 0;
    bool threw = false;
    const test::failing_allocations failing(passes, test::failing::once);
    try {
      cores.run_on_core(0, [&got]() -> lull::task<> {
        got = co_await lull::run_on(1, []() -> lull::task<int> { co_return 7; });
      });
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    met = failing.met();
    CHECK(threw != (got == 7));
    threw_once = threw_once || threw;
  }
  CHECK(threw_once);
}

TEST_CASE("a runtime that can start no thread did not say that it was a thread, nor what to do") {
  lull::runtime one({.cores = {lull::all_cores()[0]}});
  std::string said;
  {
    const test::no_new_threads none;
    try {
      one.run([]() -> lull::task<> { co_return; });
    } catch (const std::system_error& error) {
      said = error.what();
    }
  }
  CHECK(said.find("no thread for a core") != std::string::npos);
  CHECK(said.find("ulimit -u") != std::string::npos);
}

TEST_CASE("what an exception left open stopped the program, and nobody heard of the exception") {
  const test::ended end = test::run_child([] {
    std::optional<lull::tcp_listener> kept;
    lull::run({.cores = {lull::all_cores()[0]}}, [&]() -> lull::task<> {
      kept.emplace(lull::tcp_listener::bind(lull::address::loopback(0)).value());
      lull::spawn([]() -> lull::task<> { co_await lull::stop_requested(); });
      throw std::runtime_error("the configuration has no routes");
      co_return;
    });
  });
  CHECK(end.signal == SIGABRT);
  CHECK(end.said.find("1 sockets that somebody still owns") != std::string::npos);
  CHECK(end.said.find("a task failed: the configuration has no routes") != std::string::npos);
}
