// SPDX-License-Identifier: MIT

// Rounds of cores: coroutines that read, pin, hold and retire across co_await, on more cores than
// there are processors.

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include "rounds.hpp"
#include "watchdog.hpp"

namespace torture {
namespace {

using std::chrono::microseconds;

constexpr unsigned cores = 4;

// Lets others run, or sleeps a little.
lull::task<> pause(actor& me) {
  if (me.random.one_in(4)) {
    me.doing = "sleep";
    co_await lull::sleep(microseconds(me.random.below(1500)));
  } else {
    me.doing = "yield";
    co_await lull::yield();
  }
  me.doing = "run";
}

// Waits until one more object may be retired; in the iteration that it resumes in.
lull::task<bool> admitted(actor& me) {
  if (me.on.hard == 0) co_return true;
  const bool now = co_await lull::admit(most_bytes);
  if (!now) ++me.seen.refused;
  co_return now;
}

void check_all(actor& me, const std::vector<sight>& found, kept how) {
  for (const sight& seen : found) me.check(seen, how);
}

// What is found is used until the next co_await, sometimes for long.
lull::task<> read(actor& me) {
  std::vector<sight> found;
  while (me.on.running()) {
    for (unsigned i = me.random.below(8); i > 0; --i) {
      if (const sight seen = me.find()) found.push_back(seen);
    }
    if (me.random.one_in(300)) me.stall(1 + me.random.below(4));
    check_all(me, found, kept::by_the_iteration);
    found.clear();
    auto rest = pause(me);
    co_await std::move(rest);
  }
}

lull::task<> pin(actor& me) {
  while (me.on.running()) {
    std::vector<sight> found;
    ++me.seen.pins;
    lull::pin all;
    for (unsigned steps = 1 + me.random.below(10); steps > 0; --steps) {
      if (const sight seen = me.find()) found.push_back(seen);
      auto between = pause(me);
      co_await std::move(between);
      check_all(me, found, kept::by_a_pin);
    }
    all.drop();
    check_all(me, found, kept::by_a_pin);
    auto rest = pause(me);
    co_await std::move(rest);
  }
}

lull::task<> hold(actor& me) {
  while (me.on.running()) {
    const sight seen = me.find();
    if (seen && seen.what->how != form::deferred) {
      ++me.seen.holds;
      std::optional<lull::hold<const object>> keep(lull::ref<const object>(seen.what));
      std::optional<lull::hold<const object>> copy;
      for (unsigned steps = 1 + me.random.below(12); steps > 0; --steps) {
        if (me.random.one_in(4)) {  // the copy lives on
          copy.emplace(*keep);
          keep.emplace(std::move(*copy));
          copy.reset();
        }
        if (me.random.one_in(4)) {
          me.doing = "grace period, holding";
          (void)co_await lull::grace_period();
        } else {
          auto between = pause(me);
          co_await std::move(between);
        }
        me.check(seen, kept::by_a_hold);
      }
    }
    auto rest = pause(me);
    co_await std::move(rest);
  }
}

lull::task<> write(actor& me) {
  while (me.on.running()) {
    for (unsigned i = me.random.below(6); i > 0; --i) {
      auto asking = admitted(me);
      if (!co_await std::move(asking)) break;
      if (object* old = me.replace()) me.retire(*old);
    }
    auto rest = pause(me);
    co_await std::move(rest);
  }
}

// A barrier waits for all that this core retired; those of this actor are counted.
lull::task<> await_barrier(actor& me) {
  me.doing = "barrier";
  const std::uint64_t retired = me.mine.retired;
  (void)co_await lull::barrier();
  if (me.mine.released.load(std::memory_order_relaxed) != retired) {
    me.on.fault("%s %u retired %llu and after its barrier %llu of them are released", me.role,
                me.number, static_cast<unsigned long long>(retired),
                static_cast<unsigned long long>(me.mine.released.load()));
  }
}

lull::task<> wait(actor& me) {
  while (me.on.running()) {
    ++me.seen.waits;
    if (object* old = me.replace()) {
      me.doing = "grace period";
      (void)co_await lull::grace_period();
      old->expired.store(true, std::memory_order_relaxed);
      me.doing = "admit";
      auto asking = admitted(me);
      co_await std::move(asking);
      me.retire(*old);
    }
    if (me.random.one_in(4)) {
      auto waiting = await_barrier(me);
      co_await std::move(waiting);
    }
    me.doing = "rest";
    auto rest = pause(me);
    co_await std::move(rest);
  }
}

// On one core only. The round ends by this clock.
lull::task<> keep_time(actor& me, std::chrono::milliseconds length) {
  const auto end = std::chrono::steady_clock::now() + length;
  do {
    if (me.random.one_in(2)) {
      (void)co_await lull::grace_period();
    } else {
      const lull::grace_ticket since = lull::participant::current()->ticket();
      while (!lull::participant::current()->elapsed(since)) co_await lull::yield();
    }
    me.on.count_grace();
  } while (std::chrono::steady_clock::now() < end);
  me.on.stop = true;
}

struct part {
  const char* name;
  lull::task<> (*play)(actor& me);
  unsigned on_each_core;
};
constexpr part parts[] = {{"reader", &read, 3},
                          {"pinner", &pin, 1},
                          {"holder", &hold, 3},
                          {"writer", &write, 2},
                          {"awaiter", &wait, 1}};

struct round_of_cores {
  round_of_cores(const round_options& o) : options(o), on(o.hard_budget) {}

  const round_options& options;
  world on;
  cast actors;  // in the order of the cores, the timekeeper last
  std::atomic<unsigned> playing{cores};

  // The main of each core.
  lull::task<> play() {
    const std::size_t mine = lull::core::current().index * (actors.size() / cores);
    lull::scope all;
    std::size_t next = mine;
    for (const part& one : parts) {
      for (unsigned i = 0; i < one.on_each_core; ++i) all.spawn(one.play, std::ref(actors[next++]));
    }
    if (mine == 0) all.spawn(&keep_time, std::ref(actors.back()), options.length);
    co_await all.join();
    if (playing.fetch_sub(1) != 1) co_return;
    // Nobody reads or writes any more.
    for (std::size_t i = 0; i < on.cells.size(); ++i) {
      if (object* old = actors[mine].take(i)) actors[mine].retire(*old);
    }
    (void)co_await lull::barrier();
  }
};

}  // namespace

round_result play_cores(const round_options& options) {
  round_of_cores round(options);
  unsigned number = 100;
  for (unsigned core = 0; core < cores; ++core) {
    for (const part& one : parts) {
      for (unsigned i = 0; i < one.on_each_core; ++i) {
        round.actors.emplace_back(round.on, one.name, ++number, options.seed);
      }
    }
  }
  round.actors.emplace_back(round.on, "timekeeper", ++number, options.seed);
  lull::run_options run;
  const std::vector<unsigned> processors = lull::all_cores();
  for (unsigned i = 0; i < cores; ++i) run.cores.push_back(processors[i % processors.size()]);
  run.handle_signals = false;
  run.reclamation.budget = {options.hard_budget / 2, options.hard_budget};
  const watchdog guard(round.on, round.actors, options.length);
  if (lull::run(run, [&round] { return round.play(); }) != 0) round.on.fault("lull::run failed");
  counts all;
  for (const actor& one : round.actors) all.add(one.total());
  all.joins = cores;
  all.graces = round.on.graces;
  return {all, round.on.faults};
}

}  // namespace torture
