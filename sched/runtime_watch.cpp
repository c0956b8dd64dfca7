// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "runtime_state.hpp"
#include "signals.hpp"
#include "tasks.hpp"

namespace lull {
namespace {

// Whoever ends a program (timeout, a shell, a supervisor) may signal it and then its group as well:
// what comes so soon after the first is no second one.
constexpr nanoseconds same_signal = std::chrono::milliseconds(500);

// So long a report waits for the thread of a core that stands still to say what it does.
constexpr nanoseconds stall_patience = std::chrono::milliseconds(5);

// Between two looks at the cores, at most.
constexpr nanoseconds longest_pause = std::chrono::milliseconds(250);

// So long a core that is listed has for its answer, and between two looks for that.
constexpr nanoseconds list_patience = std::chrono::seconds(1);
constexpr nanoseconds list_look = std::chrono::milliseconds(1);

// So long the others have to end after a task that failed, before its error is told.
constexpr nanoseconds failure_patience = std::chrono::seconds(1);

long long in_milliseconds(nanoseconds time) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

// Good as long as the exception is.
const char* what_of(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

void runtime::state::describe_stall(void* self, stall_report& report) noexcept {
  auto& me = *static_cast<state*>(self);
  // Not the other lock: a core that runs may have to wait for that.
  const std::lock_guard looking(me.looking);
  const core_thread* in_the_way = nullptr;
  std::optional<core_thread::oversleeping> asleep;
  {
    const std::lock_guard lock(me.mutex);
    if (me.now != phase::running) return;
    for (const core_thread& one : me.threads) {
      if (one.running->reclamation().place() != report.place) continue;
      in_the_way = &one;
      asleep = one.asleep;
    }
  }
  if (in_the_way == nullptr) return;
  report.noun = "core";
  const core& what = *in_the_way->running;
  const std::uint64_t iteration = what.iteration();
  if (asleep && asleep->iteration == iteration && what.oversleeps()) {
    report.asleep_in_thread = in_the_way->probe->thread();
    report.lacks_processor = detail::thread_state(report.asleep_in_thread) == 'R';
    return;
  }
  const nanoseconds running = what.running_for();
  // One that is much younger than the stall is a later iteration: what runs in it stalled nobody.
  // A pin stays from one to the next.
  if (report.pins == 0 && running < report.lasted / 2) {
    report.running = report.lasted;
    return;
  }
  report.running = running;
  if (running == nanoseconds::zero() || !me.signal) return;
  in_the_way->probe->ask(me.signal->number(), stall_patience, iteration, report);
}

nanoseconds core_thread::stands_still_for(time_point time) noexcept {
  const std::uint64_t iteration = running->iteration();
  const nanoseconds iterates = running->running_for();
  if (iterates != nanoseconds::zero() || !running->oversleeps()) {
    asleep.reset();
    return iterates;
  }
  if (!asleep || asleep->iteration != iteration) asleep = {iteration, time};
  return time - asleep->since;
}

// Its own thread.
void runtime::state::watch_cores() noexcept {
  const bool stalls = options.stall_threshold > nanoseconds::zero();
  const bool shutdown = options.shutdown_limit > nanoseconds::zero();
  const nanoseconds pause =
      stalls ? std::min(options.stall_threshold / 4, longest_pause) : longest_pause;
  bool told = false;
  bool left_unread = false;
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return now != phase::starting; });
  const auto is_over = [this] {
    return now == phase::abandoned ||
           std::none_of(threads.begin(), threads.end(),
                        [](const core_thread& one) { return one.running != nullptr; });
  };
  while (!changed.wait_for(lock, pause, is_over)) {
    if (options.handle_signals) {
      // Core 0 has not come to it since the last look, and may never.
      if (left_unread) read_signals(lock);
      left_unread = detail::has_come(detail::stopping_signals());
    }
    if (stalls && now == phase::running) report_stalled_cores(lock);
    const time_point time = time_source{}.now();
    if (now == phase::ended && shutdown && time - ended_at >= options.shutdown_limit) {
      give_up_closing();
    }
    if (now != phase::running || !stop_asked) continue;
    const nanoseconds since = time - stop_asked_at;
    if (shutdown && since >= options.shutdown_limit) give_up_waiting(lock);
    if (first_error && !told && since >= failure_patience) {
      told = true;
      tell_of_failure(lock);
    }
  }
}

// Of core 0, or of the thread that watches it.
void runtime::state::signalled(void* self, int signal) noexcept {
  auto& me = *static_cast<state*>(self);
  {
    const std::lock_guard lock(me.mutex);
    const time_point time = time_source{}.now();
    if (!me.signalled_at) {
      me.signalled_at = time;
    } else if (time - *me.signalled_at < same_signal) {
      return;
    } else {
      std::fprintf(stderr,
                   "lull: a second signal (%d) before the first was served: ending at once\n",
                   signal);
      ::_exit(128 + signal);
    }
  }
  me.request_stop();
}

// Lets go of the lock while it reads.
void runtime::state::read_signals(std::unique_lock<std::mutex>& lock) noexcept {
  lock.unlock();
  while (const int number = detail::take_signal(detail::stopping_signals())) {
    signalled(this, number);
  }
  lock.lock();
}

// Lets go of the lock while it reports.
void runtime::state::report_stalled_cores(std::unique_lock<std::mutex>& lock) noexcept {
  for (core_thread& one : threads) {
    const nanoseconds lasted = one.stands_still_for(time_source{}.now());
    if (lasted < options.stall_threshold) continue;
    void* const place = one.running->reclamation().place();
    lock.unlock();
    shared.report_stall(place, lasted);
    lock.lock();
    if (now != phase::running) return;
  }
}

// run() throws it, but not before all others have ended. Lets go of the lock while it writes.
void runtime::state::tell_of_failure(std::unique_lock<std::mutex>& lock) noexcept {
  const std::exception_ptr error = first_error;
  lock.unlock();
  std::fprintf(stderr,
               "lull: a task failed: %s; the runtime was asked to stop, and has not ended yet\n",
               what_of(error));
  lock.lock();
}

// All have ended, and a core stops the program for what is left open on it: that run() would have
// thrown an error, which left it so perhaps, nobody would hear.
void runtime::state::tell_what_came_before(void* self) noexcept {
  const auto& me = *static_cast<state*>(self);
  if (me.first_error) {
    std::fprintf(stderr, "lull: before that a task failed: %s\n", what_of(me.first_error));
  }
}

void core_thread::list_message::arrived(message& self) noexcept {
  auto& me = static_cast<list_message&>(self);
  try {
    const std::vector<task_info> alive = lull::tasks();
    me.tasks = alive.size();
    for (const task_info& one : alive) {
      std::fprintf(stderr, "lull: core %u: %s\n", this_core(), describe(one).c_str());
    }
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "lull: core %u: no memory to list its tasks\n", this_core());
  }
  me.inquiry.answer(me.inquiry.open_question());
}

// What does not heed the request to stop is named, and the program ends.
void runtime::state::give_up_waiting(std::unique_lock<std::mutex>& lock) noexcept {
  std::uint32_t question = 0;  // the same for all: nobody else asks
  for (core_thread& one : threads) {
    question = one.list.inquiry.ask();
    one.running->post(one.list);
  }
  const std::exception_ptr error = first_error;
  lock.unlock();
  std::size_t alive = 0;
  bool all_answered = true;
  for (unsigned i = 0; i < threads.size(); ++i) {
    const core_thread::list_message& list = threads[i].list;
    nanoseconds waited{};
    while (!list.inquiry.is_answered(question) && waited < list_patience) {
      std::this_thread::sleep_for(list_look);
      waited += list_look;
    }
    if (waited < list_patience) {
      alive += list.tasks;
    } else {
      all_answered = false;
      std::fprintf(stderr, "lull: core %u does not answer: it stands still\n", i);
    }
  }
  if (const std::size_t running = offloads.statistics().running; running != 0) {
    std::fprintf(stderr, "lull: %zu offloaded calls have not ended\n", running);
  }
  LULL_ASSERT(
      false,
      "%lld ms after the request to stop%s%s%s %zu tasks are alive, those above%s; let what they "
      "await heed the request (a main hears of it by stop_requested() alone), or raise "
      "run_options::shutdown_limit",
      in_milliseconds(options.shutdown_limit), error ? " (a task failed: " : "",
      error ? what_of(error) : "", error ? ")" : "", alive,
      all_answered ? "" : ", and perhaps more where a core stands still");
  std::abort();
}

// All tasks have ended, but a core still waits for the kernel.
void runtime::state::give_up_closing() noexcept {
  for (unsigned i = 0; i < threads.size(); ++i) {
    LULL_ASSERT(threads[i].running == nullptr,
                "%lld ms after all tasks had ended core %u has not: it still closes what was "
                "dropped open (a file, a child process); await the close() of what may take long, "
                "or raise run_options::shutdown_limit",
                in_milliseconds(options.shutdown_limit), i);
  }
}

}  // namespace lull
