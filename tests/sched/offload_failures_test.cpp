// SPDX-License-Identifier: MIT
#include <lull/sched/offload.hpp>

#include <cstddef>
#include <new>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include "../allocations.hpp"
#include "pools.hpp"

namespace {

struct counted_outcomes {
  std::atomic<int> ran{0};
  int came = 0;
  int threw = 0;
};

lull::task<> offload_once(lull::event& begin, counted_outcomes& outcomes) {
  co_await begin.wait();
  try {
    co_await lull::offload([&outcomes] { ++outcomes.ran; });
    ++outcomes.came;
  } catch (const std::bad_alloc&) {
    ++outcomes.threw;
  } catch (const std::system_error&) {  // no thread
    ++outcomes.threw;
  }
}

}  // namespace

TEST_CASE("a pool whose only thread had no memory to join the domain ended the program") {
  test::need_allocations();
  // One thread and one place in the queue, so that further calls wait on their core.
  bool met = true;
  for (std::size_t passes = 0; met; ++passes) {
    REQUIRE(passes < 1000);
    test::cores_and_pool cores(1, {.threads = 1, .queue = 1});
    test::watched tasks(cores);
    counted_outcomes outcomes;
    lull::event begin;
    constexpr int calls = 4;
    const auto call = [&] { return offload_once(begin, outcomes); };
    for (int i = 0; i < calls; ++i) tasks.spawn(call);
    cores.turn();  // their frames are there
    {
      const lull::core::inside here(*cores.cores[0]);
      begin.set();
    }
    {
      const test::failing_allocations failing(passes);
      cores.run_tasks(tasks);
      met = failing.met();
    }
    CHECK(outcomes.came + outcomes.threw == calls);
    CHECK(outcomes.ran == outcomes.came);
    if (!met) CHECK(outcomes.came == calls);
    // With memory again it serves.
    tasks.spawn(call);
    const int before = outcomes.came;
    cores.run_tasks(tasks);
    CHECK(outcomes.came == before + 1);
  }
}
