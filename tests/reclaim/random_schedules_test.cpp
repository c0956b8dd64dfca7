// SPDX-License-Identifier: MIT

// Random schedules of several participants in one thread, judged by the promise itself: when an
// object is released, everybody who was online when it was retired has been quiescent or offline
// since. Each step is one call, the same seed gives the same schedule, and now and then all pass a
// few quiescent states and nothing may be left. LULL_SCHEDULE_SEEDS changes how many seeds are run.

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace {

struct schedule {
  struct player {
    std::unique_ptr<lull::participant> me;
    std::uint64_t quiet = 0;  // the step at which it last held no reference
  };
  struct object {
    schedule* in;
    std::uint64_t retired;
    unsigned again;  // times that its deleter retires another
    ~object() { in->released(*this); }
  };

  lull::domain domain;
  std::array<player, 6> players;
  std::uint64_t random;
  std::uint64_t step = 0;
  std::uint64_t made = 0;
  std::uint64_t gone = 0;
  std::uint64_t too_early = 0;

  explicit schedule(std::uint64_t seed) : random(seed * 0x9e3779b97f4a7c15u + 1) {}

  std::uint32_t below(std::uint32_t limit) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return static_cast<std::uint32_t>((random >> 11) % limit);
  }

  void retire(lull::participant& by, unsigned again) {
    by.retire(new object{this, step, again});
    ++made;
  }

  void released(const object& one) {
    ++gone;
    for (const player& each : players) {
      const bool online = each.me != nullptr && each.me->is_online();
      if (online && each.quiet < one.retired) ++too_early;
    }
    if (one.again > 0) retire(*lull::participant::current(), one.again - 1);
  }

  void act(player& one) {
    ++step;
    if (one.me == nullptr) {
      one.quiet = step;
      one.me = std::make_unique<lull::participant>(domain);
      lull::participant::set_current(nullptr);  // it plays in its turns alone
      return;
    }
    const test::playing as_one(*one.me);
    if (!one.me->is_online()) {
      one.quiet = step;
      if (below(4) == 0)
        one.me.reset();
      else
        one.me->online();
      return;
    }
    switch (below(16)) {
      case 0:
        one.quiet = step;
        one.me.reset();
        break;
      case 1:
        one.quiet = step;
        static_cast<void>(one.me->offline());
        break;
      case 2:
      case 3:
        one.quiet = step;
        static_cast<void>(one.me->drive());
        break;
      case 4:
      case 5:
      case 6:
      case 7:
        retire(*one.me, below(8) == 0 ? 2 : 0);
        break;
      default:
        one.quiet = step;
        one.me->quiescent(test::at_most(below(4)));
    }
  }

  // Everybody who is online passes quiescent states; what is left is in limbo of who is offline.
  bool settle() {
    for (int round = 0; round < 60; ++round) {
      for (player& each : players) {
        if (each.me == nullptr) continue;
        const test::playing as_each(*each.me);
        each.quiet = ++step;
        if (!each.me->is_online()) each.me->online();
        each.me->quiescent(test::at_most(1000));
      }
    }
    return made == gone;
  }
};

}  // namespace

TEST_CASE("under random schedules nothing is released early and nothing is kept") {
  const char* text = std::getenv("LULL_SCHEDULE_SEEDS");
  const int seeds = text == nullptr ? 150 : std::atoi(text);
  for (int seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    schedule run(static_cast<std::uint64_t>(seed));
    for (int steps = 0; steps < 1500; ++steps) {
      run.act(run.players[run.below(static_cast<std::uint32_t>(run.players.size()))]);
      if (steps % 500 == 499 && run.players[0].me != nullptr) REQUIRE(run.settle());
      REQUIRE(run.too_early == 0);
    }
    lull::participant::set_current(nullptr);
    for (auto& each : run.players) {
      if (each.me != nullptr) each.quiet = ++run.step;
      each.me.reset();
    }
    REQUIRE(run.made == run.gone);
    REQUIRE(run.too_early == 0);
    REQUIRE(run.domain.statistics().orphans == 0);
  }
}
