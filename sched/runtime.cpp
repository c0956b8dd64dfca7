// SPDX-License-Identifier: MIT
#include "runtime.hpp"

#include <unistd.h>

#include <cstdio>
#include <new>
#include <string>
#include <system_error>

#include "grace_period.hpp"
#include "run_on.hpp"
#include "runtime_state.hpp"
#include "signal_reader.hpp"
#include "signals.hpp"
#include "sleep.hpp"
#include "timeout.hpp"

namespace lull {
namespace {

constexpr nanoseconds shortest_threshold = std::chrono::milliseconds(1);

// What stands in the way of a release longer than this, a participant of a foreign thread say, is
// not waited for when a runtime ends.
constexpr nanoseconds stands_in_the_way = std::chrono::milliseconds(100);

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

// On each core. Gives how many tasks were ever started and objects retired here, at a moment when
// none is alive.
task<std::uint64_t> settle_here(bool with_visitors) {
  core& here = core::current();
  scope& root = here.root();
  scope& visitors = with_visitors ? here.visitors() : root;
  event& all_back = here.offloads->all_back();
  // Something may have started between an end and this resumption.
  do {
    co_await visitors.join();
    co_await root.join();
    co_await all_back.wait();
    auto rest = release_retired();
    co_await std::move(rest);
  } while (visitors.size() != 0 || root.size() != 0 || !all_back.is_set());
  co_return root.started() + visitors.started() + participant::current()->statistics().retired;
}

}  // namespace

runtime::runtime(run_options options) {
  if (options.cores.empty()) options.cores = all_cores();
  LULL_ASSERT(options.stall_threshold <= nanoseconds::zero() ||
                  options.stall_threshold >= shortest_threshold,
              "a stall_threshold of %lld ns was asked for; less than a millisecond would keep a "
              "processor busy with looking, so give more, or zero for no looking at all",
              static_cast<long long>(options.stall_threshold.count()));
  state_ = std::make_unique<state>(std::move(options));
}

runtime::~runtime() = default;

void runtime::run(std::function<task<>()> main) {
  LULL_ASSERT(state_->now == state::phase::starting && !state_->main,
              "a runtime runs once; make another one");
  state_->main = std::move(main);
  const detail::blocked_signals blocked(state_->options.handle_signals, state_->options.signals);
  state_->start();
  for (auto& one : state_->threads) {
    if (one.thread.joinable()) one.thread.join();
  }
  if (state_->watch.joinable()) state_->watch.join();
  if (state_->first_error) std::rethrow_exception(state_->first_error);
}

void runtime::request_stop() noexcept { state_->request_stop(); }

void runtime::state::start() {
  const auto count = static_cast<unsigned>(threads.size());
  mains = count;
  if (options.stall_signal != 0) signal.emplace(options.stall_signal);
  unsigned started = 0;
  try {
    for (; started < count; ++started) {
      threads[started].thread = std::thread([this, started] { serve(started); });
    }
    if (options.stall_threshold > nanoseconds::zero() ||
        options.shutdown_limit > nanoseconds::zero()) {
      watch = std::thread([this] { watch_cores(); });
    }
  } catch (...) {
    fail(std::current_exception());
  }
  bool stop_already = false;
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return settled == started; });
    try {
      if (!first_error) connect_cores();
    } catch (...) {
      first_error = std::current_exception();
    }
    now = first_error ? phase::abandoned : phase::running;
    open = now == phase::running;
    stop_already = std::exchange(stop_asked, false);
    changed.notify_all();
  }
  if (stop_already) request_stop();
}

// A core's thread, from the making of the core to its end.
void runtime::state::serve(unsigned index) noexcept {
  core_thread& self = threads[index];
  std::optional<core> mine;
  std::optional<detail::stall_probe> probe;
  std::optional<detail::signal_reader> signal_reader;
  try {
    detail::run_on_processor(options.cores[index], index);
    core_options each = options.core;
    each.ring.allowed = each.ring.allowed & detected_capabilities();
    mine.emplace(index, shared, each);
    const core::inside here(*mine);
    if (index == 0 && options.handle_signals) {
      signal_reader.emplace(*mine, &state::signalled, this);
    }
    mine->offloads = &offloads;
    mine->served().start(lead(), task_options{.name = "main, and the end of all"}, true);
    probe.emplace(*mine);
    self.probe = &*probe;
    self.running = &*mine;
  } catch (...) {
    fail(std::current_exception());
  }
  if (wait_until_all_stand()) {
    mine->serve();
    wait_until_all_ended();
  }
  if (mine) {
    const core::inside here(*mine);
    // Of a runtime that was given up: it ends at once.
    while (mine->served().size() != 0) mine->iterate(when_idle::come_back);
    if (signal_reader) signal_reader->close();
    mine->wind_up();
  }
}

// True: this core and all others stand, and are connected.
bool runtime::state::wait_until_all_stand() noexcept {
  std::unique_lock lock(mutex);
  ++settled;
  changed.notify_all();
  changed.wait(lock, [&] { return now != phase::starting; });
  return now == phase::running;
}

// Another core may have pushed the message that ended this one and not yet have looked whether to
// wake it: no core goes before all have left their loops.
void runtime::state::wait_until_all_ended() noexcept {
  std::unique_lock lock(mutex);
  if (settled == 1) {  // the last; nor does a core go before the threads that post to it
    lock.unlock();
    offloads.end();
    lock.lock();
  }
  --settled;
  changed.notify_all();
  changed.wait(lock, [&] { return settled == 0; });
}

// All cores stand, and none iterates yet.
void runtime::state::connect_cores() {
  std::vector<core*> all;
  for (auto& one : threads) all.push_back(one.running);
  for (core* one : all) {
    one->connect(all);
    for (scope* tasks : {&one->root(), &one->visitors()}) {
      tasks->on_error(
          [](void* runtime_state, std::exception_ptr error) noexcept {
            static_cast<state*>(runtime_state)->fail(std::move(error));
          },
          this);
    }
  }
}

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
    changed.notify_all();
  }
  for (auto& one : threads) one.running->post(one.end);
}

// What was spawned on a core may still spawn on another, so the cores are asked in turn until a
// round finds all of them empty, and nothing started since the round before.
task<> runtime::state::join_until_settled(bool with_visitors) {
  std::uint64_t before = 0;
  for (bool settled_down = false; !settled_down;) {
    std::uint64_t started = 1;
    for (unsigned i = 0; i < threads.size(); ++i)
      started += co_await run_on(i, &settle_here, with_visitors);
    settled_down = started == before;
    before = started;
  }
}

void runtime::state::fail(std::exception_ptr error) noexcept {
  {
    const std::lock_guard lock(mutex);
    if (!first_error) first_error = std::move(error);
  }
  request_stop();
}

void runtime::state::request_stop() noexcept {
  const std::lock_guard lock(mutex);
  const bool asked_before = std::exchange(stop_asked, true);
  if (!asked_before) stop_asked_at = time_source{}.now();
  if (asked_before || now != phase::running) return;
  for (auto& one : threads) one.running->post(one.stop);
}

bool runtime::deliver(unsigned index, detail::posted& call) noexcept {
  return state_->deliver(index, call);
}

std::exception_ptr runtime::refusal(unsigned index) {
  return std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::operation_not_permitted),
                        "core " + std::to_string(index) +
                            " takes nothing: its runtime does not run yet, or no more"));
}

// The lock also keeps the core from going before this has done with it.
bool runtime::state::deliver(unsigned index, detail::posted& call) noexcept {
  LULL_ASSERT(index < threads.size(), "core %u was asked for, but there are only %zu cores", index,
              threads.size());
  const std::lock_guard lock(mutex);
  if (open) threads[index].running->post(call);
  return open;
}

// Objects have come home to a core that sleeps. Once all have ended nobody sleeps any more.
void runtime::state::wake_for_homecoming(void* self, std::uint32_t index) noexcept {
  auto& me = *static_cast<state*>(self);
  if (index >= me.threads.size()) return;  // a thread of the pool: it looks when it works next
  const std::lock_guard lock(me.mutex);
  if (me.now == phase::running) me.threads[index].running->wake_for_homecoming();
}

void runtime::state::signalled(void* self, int signal) noexcept {
  auto& me = *static_cast<state*>(self);
  if (++me.signals > 1) {
    std::fprintf(stderr, "lull: a second signal (%d) before the first was served: ending at once\n",
                 signal);
    ::_exit(128 + signal);
  }
  me.request_stop();
}

int run(run_options options, std::function<task<>()> main) noexcept {
  try {
    runtime(std::move(options)).run(std::move(main));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lull: %s\n", error.what());
  } catch (...) {
    std::fprintf(stderr, "lull: a task ended with an exception that is no std::exception\n");
  }
  return 1;
}

}  // namespace lull
