// SPDX-License-Identifier: MIT

// How a runtime ends: when nothing runs on any of its cores any more, nothing can be started from
// outside, and what was retired is released.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <new>
#include <numeric>

#include "grace_period.hpp"
#include "on_every_core.hpp"
#include "runtime_state.hpp"
#include "sleep.hpp"
#include "timeout.hpp"

namespace lull {
namespace {

// What stands in the way of a release longer than this, a participant of a foreign thread say, is
// not waited for when a runtime ends.
constexpr nanoseconds stands_in_the_way = std::chrono::milliseconds(100);

// Between two looks at what other threads have left.
constexpr nanoseconds between_looks = std::chrono::microseconds(200);

// While there still is all that deleters may use: the ring, the tasks, the other cores.
task<> release_retired() {
  participant& here = *participant::current();
  for (;;) {
    const std::uint64_t before = here.statistics().released;
    auto released = co_await timeout(stands_in_the_way, barrier());
    const participant_statistics now = here.statistics();
    // What deleters have retired in their turn is not in the barrier.
    if (released && now.limbo_objects + now.held_objects == 0) break;
    if (now.released == before) break;
  }
}

// What offloaded calls have retired their threads release, within milliseconds.
task<> release_offloaded() {
  const detail::offload_pool& offloads = *core::current().offloads;
  const time_point until = later(now(), stands_in_the_way);
  while (!offloads.has_settled() && now() < until) co_await sleep(between_looks);
}

// On each core. Gives how many tasks were ever started here, and with visitors how many objects
// retired, at a moment when none is alive.
task<std::uint64_t> settle_here(bool with_visitors) {
  core& here = core::current();
  scope& root = here.root();
  scope& visitors = with_visitors ? here.visitors() : root;
  event& all_back = here.offloads->all_back();
  // Something may have started between an end and this resumption.
  do {
    co_await visitors.join();
    co_await root.join();
    // While others post, they may offload and retire for ever.
    if (!with_visitors) continue;
    co_await all_back.wait();
    auto offloaded = release_offloaded();
    co_await std::move(offloaded);
    auto rest = release_retired();
    co_await std::move(rest);
  } while (visitors.size() != 0 || root.size() != 0 || (with_visitors && !all_back.is_set()));
  const std::uint64_t retired = with_visitors ? participant::current()->statistics().retired : 0;
  co_return root.started() + visitors.started() + retired;
}

}  // namespace

// One core's main; the last to end sees to the end of everything.
task<> runtime::state::lead() {
  {
    const std::lock_guard lock(mutex);
    if (now == phase::abandoned) co_return;
  }
  try {
    auto work = main();
    co_await std::move(work);
  } catch (...) {
    fail(std::current_exception());
  }
  bool last = false;
  {
    const std::lock_guard lock(mutex);
    last = --mains == 0;
    dismiss_if_due();
  }
  while (last) {
    try {
      auto rest = see_everything_end();
      co_await std::move(rest);
      break;
    } catch (const std::bad_alloc&) {  // others may free some meanwhile
      fail(std::current_exception());
    }
    co_await yield();
  }
}

// First whatever the program itself has started; then nothing is taken from other threads any more,
// however much they post, and what was taken ends as well. It is in the inboxes by then, before the
// calls that ask for it.
task<> runtime::state::see_everything_end() {
  co_await join_until_settled(false);
  {
    const std::lock_guard lock(mutex);
    open = false;
  }
  co_await join_until_settled(true);
  {
    const std::lock_guard lock(mutex);
    now = phase::ended;
    ended_at = time_source{}.now();
    changed.notify_all();
  }
  for (auto& one : threads) one.running->post(one.end);
}

// What was spawned on a core may still spawn on another, so the cores are asked, all at the same
// time, until a round finds each of them empty, and nothing started or retired since the round
// before: then all were empty between the two.
task<> runtime::state::join_until_settled(bool with_visitors) {
  std::uint64_t before = 0;
  for (bool settled_down = false; !settled_down;) {
    const auto counts =
        co_await on_every_core([with_visitors] { return settle_here(with_visitors); });
    const auto sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{1});
    settled_down = sum == before;
    before = sum;
  }
}

}  // namespace lull
