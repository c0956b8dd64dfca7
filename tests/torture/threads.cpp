// SPDX-License-Identifier: MIT

// Rounds of threads: a role for each, a timekeeper, and the end.

#include <cstdlib>
#include <thread>
#include <vector>

#include <lull/reclaim/retire.hpp>

#include "life.hpp"
#include "rounds.hpp"
#include "watchdog.hpp"

namespace torture {
namespace {

constexpr role roles[] = {
    // name    reads writes pin hold sleep wait stall stay
    {"reader", 8, 0, 0, 0, 0, 0, 500, 0},     {"writer", 2, 8, 0, 0, 200, 0, 0, 0},
    {"pinner", 4, 1, 6, 40, 60, 100, 900, 0}, {"holder", 4, 1, 0, 3, 60, 0, 0, 0},
    {"sleeper", 3, 2, 30, 20, 2, 60, 0, 0},   {"churner", 4, 4, 8, 8, 30, 90, 0, 40},
    {"awaiter", 2, 3, 0, 0, 30, 8, 0, 0},     {"staller", 4, 1, 20, 20, 30, 0, 8, 0},
};
constexpr unsigned role_count = sizeof roles / sizeof roles[0];

void play(actor& me, const role& as, lull::domain& domain) {
  while (me.on.running()) {
    life now(me, as, domain);
    const unsigned stay = as.stay == 0 ? 0 : 1 + me.random.below(as.stay);
    for (unsigned i = 0; me.on.running() && (stay == 0 || i < stay); ++i) now.iterate();
  }
  me.doing = "done";
}

// Counts grace periods, one at least, and looks whether the budget is kept: writers ask for more
// than they then retire, so nothing is charged beyond it but what is retired at leaving, which does
// not ask.
void keep_time(actor& me, lull::domain& domain) {
  lull::participant here(domain);
  do {
    if (me.random.one_in(2)) {
      me.doing = "synchronize";
      here.synchronize();
    } else {
      me.doing = "ticket";
      const lull::grace_ticket since = here.ticket();
      while (!here.elapsed(since)) {
        if (here.offline()) {
          std::this_thread::sleep_for(std::chrono::microseconds(me.random.below(100)));
          here.online();
        }
        here.quiescent();
      }
    }
    me.on.count_grace();
    const std::int64_t charged = domain.statistics().charged_bytes;
    const auto slack = static_cast<std::int64_t>(64 * most_bytes);
    if (me.on.hard != 0 && charged > static_cast<std::int64_t>(me.on.hard) + slack) {
      me.on.fault("%lld bytes are charged, of a hard budget of %zu",
                  static_cast<long long>(charged), me.on.hard);
    }
    if (charged < 0) me.on.fault("%lld bytes are charged", static_cast<long long>(charged));
  } while (me.on.running());
  me.doing = "done";
}

// All have left but the caller, who takes out what is in the cells.
void clear_cells(actor& me, lull::domain& domain) {
  lull::participant here(domain);
  for (std::size_t i = 0; i < me.on.cells.size(); ++i) {
    if (object* old = me.take(i)) me.retire(*old);
  }
}

void check_end(world& on, const lull::domain& domain) {
  const lull::domain_statistics end = domain.statistics();
  const auto must_be = [&](const char* what, auto is, auto expected) {
    if (static_cast<long long>(is) == static_cast<long long>(expected)) return;
    on.fault("in the end %s is %lld, and must be %lld", what, static_cast<long long>(is),
             static_cast<long long>(expected));
  };
  must_be("the number of participants", end.participants, 0);
  must_be("the number of orphans", end.orphans, 0);
  must_be("the number released", end.released, end.retired);
  must_be("the number in limbo", end.limbo_objects, 0);
  must_be("the bytes in limbo", end.limbo_bytes, 0);
  must_be("the number held", end.held_objects, 0);
  must_be("the bytes held", end.held_bytes, 0);
  must_be("the bytes charged", end.charged_bytes, 0);
}

}  // namespace

round_result play_threads(const round_options& options) {
  world on(options.hard_budget);
  cast actors;
  lull::domain domain({.budget = {options.hard_budget / 2, options.hard_budget}});
  random_numbers random(options.seed, 0);
  {
    std::vector<std::thread> threads;
    const watchdog guard(on, actors, options.length);
    for (unsigned i = 0; i < options.threads; ++i) {
      const role& as = roles[i < role_count ? i : random.below(role_count)];
      actors.emplace_back(on, as.name, i + 1, options.seed);
    }
    actors.emplace_back(on, "timekeeper", options.threads + 1, options.seed);
    for (unsigned i = 0; i < options.threads; ++i) {
      threads.emplace_back([&, i] {
        for (const role& as : roles) {
          if (as.name == actors[i].role) play(actors[i], as, domain);
        }
      });
    }
    threads.emplace_back([&] { keep_time(actors.back(), domain); });
    std::this_thread::sleep_for(options.length);
    on.stop = true;
    for (std::thread& one : threads) one.join();
  }
  clear_cells(actors.front(), domain);
  check_end(on, domain);
  counts all;
  for (const actor& one : actors) all.add(one.total());
  all.graces = on.graces;
  return {all, on.faults};
}

}  // namespace torture
