// SPDX-License-Identifier: MIT

// What readers of the sources found in the scheduler.

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>
#include <lull/sched/core_local.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/frame_pool.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/offload.hpp>
#include <lull/sched/queue.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/shield.hpp>
#include <lull/sched/timeout.hpp>
#include <lull/sched/when_all.hpp>
#include <lull/sched/with_scope.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"
#include "threads.hpp"

using namespace std::chrono_literals;

namespace {

using block = std::array<std::byte, 8192>;

// Until it is asked to stop.
lull::task<> wait_long() { (void)co_await lull::sleep(1h); }

}  // namespace

TEST_CASE("who waited for admission and came late to it found the same bytes given to others") {
  lull::domain_options reclamation;
  reclamation.budget = {.soft = 0, .hard = sizeof(block)};
  lull::core_options options = test::driven_cores::small_options();
  options.resumes_per_iteration = 2;
  test::driven_cores cores(2, options, reclamation);
  std::uint64_t most = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    bool done = false;
    lull::scope busy;
    lull::scope writers;
    for (int i = 0; i < 20; ++i) {
      busy.spawn([&]() -> lull::task<> {
        while (!done) co_await lull::yield();
      });
    }
    lull::retire(new block);
    for (int i = 0; i < 4; ++i) {
      writers.spawn([&]() -> lull::task<> {
        const bool admitted = co_await lull::admit(sizeof(block));
        CHECK(admitted);
        lull::retire(new block);
      });
    }
    co_await writers.join();
    most = lull::participant::current()->statistics().limbo_bytes_high;
    done = true;
    co_await busy.join();
  });
  CHECK(most == sizeof(block));
}

TEST_CASE(
    "of a limit within a limit, both of nothing, the outer one took its own stop for success") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    bool ended = false;
    all.spawn([&]() -> lull::task<> {
      const auto nested = co_await lull::timeout(5ms, lull::timeout(2h, wait_long()));
      CHECK(nested.timed_out());
      CHECK(!nested);
      ended = true;
    });
    for (int i = 0; i < 10 && !ended; ++i) {
      co_await lull::yield();
      cores.clock.advance(1ms);
    }
    co_await all.join();
    CHECK(ended);
  });
}

TEST_CASE("what a reference that came late refers to was taken for its success") {
  test::driven_cores cores(1);
  cores.run_on_core(0, [&]() -> lull::task<> {
    int five = 5;
    const auto late = [&]() -> lull::task<int&> {
      cores.clock.advance(5ms);
      for (int i = 0; i < 1000; ++i) co_await lull::shield(lull::yield());  // some iterations
      co_return five;
    };
    const auto got = co_await lull::timeout(1ms, late());
    CHECK(got.timed_out());
    CHECK(&got->get() == &five);
  });
}

TEST_CASE("a runtime did not end while a thread posted what offloads") {
  lull::runtime runtime(test::some_cores(1));
  std::atomic<bool> runs{false};
  std::atomic<int> begun{0};
  std::atomic<bool> refused{false};
  std::thread poster([&] {
    while (!runs) std::this_thread::yield();
    const auto enough = std::chrono::steady_clock::now() + 5s;
    // The next is under way before the one before it is back.
    for (int posted = 0; !refused && std::chrono::steady_clock::now() < enough; ++posted) {
      while (begun < posted) std::this_thread::yield();
      refused = !runtime.post(0, [&]() -> lull::task<> {
        co_await lull::offload([&] {
          const int mine = ++begun;
          const auto end = std::chrono::steady_clock::now() + 1s;
          while (begun == mine && !refused && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(1ms);
          }
        });
      });
    }
  });
  runtime.run([&]() -> lull::task<> {
    runs = true;
    co_await lull::sleep(20ms);
  });
  poster.join();
  CHECK(refused);
}

namespace {

struct without_memory {
  without_memory() {
    if (lull::this_core() != 1) return;
    none = std::make_unique<test::failing_allocations>(0);
    for (std::size_t bytes = 64; bytes <= 2048; bytes += 64) {  // those in the pool go first
      try {
        for (;;) taken.emplace_back(lull::detail::allocate_frame(bytes), bytes);
      } catch (const std::bad_alloc&) {}
    }
    throw std::bad_alloc();
  }
  static inline std::unique_ptr<test::failing_allocations> none;
  static inline std::vector<std::pair<void*, std::size_t>> taken;
};

}  // namespace

TEST_CASE("instances that could not be made for want of memory were left, for want of memory") {
  test::need_allocations();
  test::driven_cores cores(2);
  without_memory::taken.reserve(100'000);
  bool thrown = false;
  cores.run_on_core(1, [&]() -> lull::task<> {
    lull::core_local<without_memory> parts;
    try {
      co_await parts.start();
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    without_memory::none.reset();
    for (auto [memory, bytes] : without_memory::taken) {
      lull::detail::deallocate_frame(memory, bytes);
    }
    without_memory::taken.clear();
  });
  CHECK(thrown);
}

TEST_CASE("a scope around code was left with a task that another spawned as it ended") {
  std::string what;
  test::driven_cores(1).run_on_core(0, [&]() -> lull::task<> {
    lull::scope* inner = nullptr;
    lull::event go;
    lull::scope outside;
    outside.spawn([&]() -> lull::task<> {
      co_await go.wait();
      co_await lull::yield();
      inner->spawn([]() -> lull::task<> { co_return; });
    });
    try {
      (void)co_await lull::with_scope([&](lull::scope& all) -> lull::task<int> {
        inner = &all;
        co_await lull::yield();
        go.set();
        co_await lull::yield();
        throw std::runtime_error("the code failed");
      });
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    co_await outside.join();
  });
  CHECK(what == "the code failed");
}

TEST_CASE("slabs of frames that were needed went back to the heap with those that were not") {
  using lull::detail::frame_pool;
  if (!frame_pool::pools) SKIP("every frame comes from the heap here");
  frame_pool pool;
  constexpr std::size_t bytes = 2048;
  constexpr std::size_t spare = lull::limits::spare_frame_slabs;
  constexpr std::size_t blocks_a_slab = (lull::limits::frame_slab_bytes - 64) / bytes;
  const auto burst = [&](std::size_t slabs) {
    std::vector<void*> blocks(slabs * blocks_a_slab);
    for (void*& memory : blocks) memory = pool.allocate(bytes);
    for (void* const memory : blocks) pool.deallocate(memory, bytes);
  };
  burst(4 * spare);
  pool.trim_unneeded();
  const std::size_t before = pool.slab_bytes();
  burst(2 * spare);
  pool.trim_unneeded();  // a half was needed, and of the rest some stay
  CHECK(pool.slab_bytes() < before);
  CHECK(pool.slab_bytes() >= 2 * spare * lull::limits::frame_slab_bytes);
}

TEST_CASE("results that all had come were lost for want of memory to give them in") {
  test::need_allocations();
  bool given = false;
  test::driven_cores(1).run_on_core(0, [&]() -> lull::task<> {
    std::unique_ptr<test::failing_allocations> none;
    const auto one = [&]() -> lull::task<std::unique_ptr<int>> {
      auto value = std::make_unique<int>(1);
      none = std::make_unique<test::failing_allocations>(0);
      co_return value;
    };
    std::vector<lull::task<std::unique_ptr<int>>> all;
    all.push_back(one());
    const auto got = co_await lull::when_all(std::move(all));
    none.reset();
    given = **got.begin() == 1;
  });
  CHECK(given);
}

TEST_CASE("a value for which a queue had no memory was gone") {
  test::need_allocations();
  lull::queue<std::unique_ptr<int>> queue;
  auto value = std::make_unique<int>(1);
  {
    const test::failing_allocations none(0);
    CHECK_THROWS_AS(queue.push(std::move(value)), std::bad_alloc);
  }
  REQUIRE(value != nullptr);
  queue.push(std::move(value));
  CHECK(**queue.try_pop() == 1);
}

namespace {

struct appender {
  lull::task<> append_much(std::array<char, 4000> much) {
    co_await lull::yield();
    order.push_back(static_cast<int>(much.size()));
  }
  std::vector<int> order;
};

}  // namespace

TEST_CASE(
    "a member function was spawned in two frames, and without memory for one ended the scope") {
  test::need_allocations();
  test::run_alone([]() -> lull::task<> {
    appender to;
    lull::scope all;
    for (int passes = 0;; ++passes) {
      const test::failing_allocations fails(static_cast<std::size_t>(passes));
      try {
        all.spawn(&appender::append_much, &to, std::array<char, 4000>{});
        co_await lull::yield();  // under the same shortage
        break;
      } catch (const std::bad_alloc&) {
        CHECK(all.size() == 0);
      }
    }
    co_await all.join();
    CHECK(to.order == std::vector<int>{4000});
  });
}
