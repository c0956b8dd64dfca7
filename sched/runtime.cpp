// SPDX-License-Identifier: MIT
#include "runtime.hpp"

#include <cstdio>
#include <new>
#include <string>
#include <system_error>

#include "runtime_state.hpp"
#include "signal_reader.hpp"
#include "signals.hpp"

namespace lull {
namespace {

constexpr nanoseconds shortest_threshold = std::chrono::milliseconds(1);

// What is being handled, of a thread that could not be started: the standard library says of that
// no more than "Resource temporarily unavailable".
std::exception_ptr without_a_thread() noexcept {
  try {
    throw;
  } catch (const std::system_error& error) {
    try {
      throw std::system_error(
          error.code(),
          "no thread for a core, or to watch them; raise the limit with 'ulimit -u', or pids.max "
          "of the control group, or run fewer cores");
    } catch (...) {
      return std::current_exception();
    }
  } catch (...) {
    return std::current_exception();
  }
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
  const bool handle_signals = state_->options.handle_signals;
  const auto claimed =
      handle_signals ? detail::claim_stopping_signals() : detail::claimed_signals();
  state_->main = std::move(main);
  const detail::blocked_signals blocked(handle_signals, state_->options.signals);
  state_->start();
  for (auto& one : state_->threads) {
    if (one.thread.joinable()) one.thread.join();
  }
  if (state_->watch.joinable()) state_->watch.join();
  if (state_->first_error) std::rethrow_exception(state_->first_error);
}

void runtime::request_stop() noexcept { state_->request_stop(); }

void request_stop() noexcept {
  const detail::core_context& here = detail::this_context("request_stop");
  LULL_ASSERT(here.stop_runtime != nullptr,
              "request_stop was called on core %u, which no runtime runs", here.index);
  here.stop_runtime(here.runtime);
}

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
    fail(without_a_thread());
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
    mine->runtime = this;
    mine->stop_runtime = [](void* runtime_state) noexcept {
      static_cast<state*>(runtime_state)->request_stop();
    };
    if (options.shutdown_limit > nanoseconds::zero()) mine->end_limit = options.shutdown_limit / 2;
    mine->served().start(lead(), task_options{.name = "main"}, {.hidden = true});
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
    const detail::said_at_stop cause(&state::tell_what_came_before, this);
    const core::inside here(*mine);
    // Of a runtime that was given up: it ends at once.
    while (mine->served().size() != 0) mine->iterate(when_idle::come_back);
    if (signal_reader) signal_reader->close();
    mine->wind_up();
  }
  const std::scoped_lock lock(looking, mutex);
  self.running = nullptr;
  changed.notify_all();
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
  dismiss_if_due();
}

// Once a stop was asked for, what every main has left to run by itself need not go on. Under the
// mutex; called when either comes true, and so once when both are.
void runtime::state::dismiss_if_due() noexcept {
  if (!stop_asked || mains != 0 || now != phase::running) return;
  for (auto& one : threads) one.running->post(one.dismissal);
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
