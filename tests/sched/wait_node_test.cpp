// SPDX-License-Identifier: MIT
#include <lull/sched/wait_node.hpp>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/channel.hpp>
#include <lull/sched/condition.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/latch.hpp>
#include <lull/sched/mutex.hpp>
#include <lull/sched/phase_barrier.hpp>
#include <lull/sched/queue.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/select.hpp>
#include <lull/sched/semaphore.hpp>
#include <lull/sched/shared_channel.hpp>
#include <lull/sched/shared_mutex.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

// Awaits, by `wait`, what does not come, over and over, stop or not, until it is told. In vain if
// nobody gets to tell it.
template <class Wait>
lull::task<> wait_on_and_on(Wait wait, bool* enough, bool* in_vain) {
  for (int i = 0; i < 100'000 && !*enough; ++i) {
    auto again = wait();
    co_await std::move(again);
  }
  *in_vain = !*enough;
}

// Whether others run beside a task that does so after it was asked to stop.
template <class Wait>
bool others_run(Wait wait) {
  test::driven_cores cores(1);
  lull::core& one = *cores.cores[0];
  bool enough = false;
  bool in_vain = false;
  std::optional<lull::scope> stubborn;
  {
    const lull::core::inside here(one);
    stubborn.emplace();
    stubborn->spawn(wait_on_and_on<Wait>, wait, &enough, &in_vain);
  }
  cores.turn();
  {
    const lull::core::inside here(one);
    stubborn->request_stop();
    one.root().spawn([&enough]() -> lull::task<> {
      enough = true;
      co_return;
    });
  }
  for (int i = 0; i < 100 && stubborn->size() != 0; ++i) cores.turn();
  const bool ended = stubborn->size() == 0;
  const lull::core::inside here(one);
  stubborn.reset();
  return ended && !in_vain;
}

}  // namespace

TEST_CASE("a loop that went on after a stop was all that ran on its core") {
  static lull::event never;
  static lull::auto_event once;
  static lull::semaphore none(0);
  static lull::channel<int> empty(1);
  static lull::queue<int> dry;
  static lull::latch shut(1);
  CHECK(others_run([]() -> lull::task<> { co_await lull::sleep(10ms); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await never.wait(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await once.wait(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await none.acquire(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await empty.receive(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await dry.pop(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await shut.wait(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await lull::grace_period(); }));
  CHECK(others_run([]() -> lull::task<> { co_await lull::stop_requested(); }));
  CHECK(others_run([]() -> lull::task<> { (void)co_await lull::timeout(1s, lull::sleep(10ms)); }));
}

namespace {

struct locks {
  lull::mutex one;
  lull::shared_mutex many;
  lull::condition changed;
  lull::phase_barrier meeting{2};
  lull::channel<int> empty{1};
  lull::shared_channel<int> shared{1};
};

}  // namespace

TEST_CASE("a loop over locks went on after a stop, and was all that ran") {
  locks all;
  CHECK(others_run([&]() -> lull::task<> {
    auto first = co_await all.one.lock();
    auto second = co_await all.one.lock();
    (void)second;
  }));
  CHECK(others_run([&]() -> lull::task<> {
    auto first = co_await all.many.lock();
    auto second = co_await all.many.lock_shared();
    (void)second;
  }));
  CHECK(others_run([&]() -> lull::task<> {
    auto lock = co_await all.one.lock();
    (void)co_await all.changed.wait(lock);
  }));
  CHECK(others_run([&]() -> lull::task<> { (void)co_await all.meeting.arrive_and_wait(); }));
  CHECK(others_run([&]() -> lull::task<> { (void)co_await all.shared.receive(); }));
  CHECK(others_run([&]() -> lull::task<> { (void)co_await lull::select(all.empty, all.empty); }));
}
