// SPDX-License-Identifier: MIT

// Random schedules of three participants that publish, retire, hold, copy, drop, pin, sleep and
// leave, in one thread, against an oracle that counts holders: an object is not released while it
// is held, nor while somebody may read it; and in the end everything is released. What is held is
// taken from what is published, or from what was since this participant's last quiescent state,
// though it has been retired. The same seed gives the same schedule; LULL_SCHEDULE_SEEDS changes
// how many are run.

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <vector>

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "holds.hpp"

namespace {

struct held_schedule {
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  struct thing : lull::retirable<thing> {
    explicit thing(held_schedule& schedule) noexcept : in(&schedule) {
      ++in->made;
      in->alive.push_back(this);
    }
    ~thing() { in->released(*this); }
    held_schedule* in;
    std::uint64_t retired = never;  // the step
    unsigned holders = 0;
  };

  struct player {
    std::unique_ptr<lull::participant> me;
    std::uint64_t quiet = 0;  // the step at which it last held no reference
    std::vector<lull::hold<thing>> holds;
    std::vector<std::pair<lull::pin, std::uint64_t>> pins;

    // What was retired after this step may be in use here.
    std::uint64_t reads_since() const {
      std::uint64_t since = quiet;
      for (const auto& one : pins) since = std::min(since, one.second);
      return since;
    }
  };

  lull::domain domain;
  std::vector<thing*> alive;
  std::array<thing*, 5> published{};
  std::array<player, 3> players;
  std::uint64_t random;
  std::uint64_t step = 0;
  std::uint64_t made = 0;
  std::uint64_t gone = 0;
  std::uint64_t too_early = 0;
  std::uint64_t held_ever = 0;

  explicit held_schedule(std::uint64_t seed) : random(seed * 0x9e3779b97f4a7c15u + 1) {
    alive.reserve(4096);
    for (thing*& one : published) one = new thing(*this);
  }
  ~held_schedule() {
    for (thing* one : published) delete one;
  }

  std::size_t below(std::size_t limit) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return static_cast<std::size_t>((random >> 11) % limit);
  }

  void released(const thing& one) {
    ++gone;
    std::erase(alive, &one);
    if (one.retired == never) return;  // at the very end
    if (one.holders != 0) ++too_early;
    for (const player& each : players) {
      const bool online = each.me != nullptr && each.me->is_online();
      if (online && each.reads_since() < one.retired) ++too_early;
    }
  }

  void retire(lull::participant& by) {
    thing*& place = published[below(published.size())];
    thing* const old = std::exchange(place, new thing(*this));
    old->retired = step;
    switch (below(3)) {
      case 0:
        by.retire(old);  // it links itself
        break;
      case 1:
        by.retire(old, 100, +[](void* at) noexcept { delete static_cast<thing*>(at); });
        break;
      default: {
        const auto deleter = [old](thing* at) noexcept {
          if (at == old) delete at;
        };
        by.retire(std::unique_ptr<thing, decltype(deleter)>(old, deleter));
      }
    }
  }

  void hold(player& one) {
    thing* found = published[below(published.size())];
    thing* const other = alive[below(alive.size())];
    if (other->retired != never && other->retired > one.reads_since()) found = other;
    one.holds.push_back(test::hold_of(found));
    ++found->holders;
    ++held_ever;
  }

  void copy(player& one) {
    if (one.holds.empty()) return;
    lull::hold<thing> again = one.holds[below(one.holds.size())];
    ++again->holders;
    one.holds.push_back(std::move(again));
  }

  void drop(player& one) {
    if (one.holds.empty()) return;
    const std::size_t which = below(one.holds.size());
    --one.holds[which]->holders;
    std::swap(one.holds[which], one.holds.back());
    one.holds.pop_back();
  }

  void leave(player& one) {
    while (!one.holds.empty()) drop(one);
    one.pins.clear();
    one.quiet = step;
    one.me.reset();
  }

  void act_offline(player& one) {
    one.quiet = step;
    switch (below(6)) {
      case 0:
        leave(one);
        break;
      case 1:
        drop(one);
        break;
      case 2:
        copy(one);
        break;
      default:
        one.me->online();
    }
  }

  void act_online(player& one) {
    switch (below(20)) {
      case 0:
        leave(one);
        break;
      case 1:
        one.quiet = step;
        static_cast<void>(one.me->offline());
        break;
      case 2:
        one.quiet = step;
        static_cast<void>(one.me->drive());
        break;
      case 3:
        one.pins.emplace_back(lull::pin(*one.me), step);
        break;
      case 4:
      case 5:
        if (!one.pins.empty()) one.pins.erase(one.pins.begin());
        break;
      case 6:
      case 7:
        hold(one);
        break;
      case 8:
        copy(one);
        break;
      case 9:
      case 10:
      case 11:
        drop(one);
        break;
      case 12:
      case 13:
      case 14:
      case 15:
        retire(*one.me);
        break;
      default:
        one.quiet = step;
        one.me->quiescent(test::at_most(below(4)));
    }
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
    if (one.me->is_online()) {
      act_online(one);
    } else {
      act_offline(one);
    }
  }

  // Everybody drops everything and passes quiescent states: then only what is published is left.
  bool settle() {
    for (int round = 0; round < 300; ++round) {
      for (player& each : players) {
        if (each.me == nullptr) continue;
        const test::playing as_each(*each.me);
        while (!each.holds.empty()) drop(each);
        each.pins.clear();
        each.quiet = ++step;
        if (!each.me->is_online()) each.me->online();
        each.me->quiescent(test::at_most(1000));
      }
      if (made == gone + published.size()) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("under random schedules nothing is released while it is held, and all is in the end") {
  const char* text = std::getenv("LULL_SCHEDULE_SEEDS");
  const int seeds = text == nullptr ? 150 : std::atoi(text);
  for (int seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    held_schedule run(static_cast<std::uint64_t>(seed));
    for (int steps = 0; steps < 1500; ++steps) {
      run.act(run.players[run.below(run.players.size())]);
      REQUIRE(run.too_early == 0);
      if (steps % 500 != 499) continue;
      if (std::ranges::any_of(run.players, [](const auto& one) { return one.me != nullptr; })) {
        REQUIRE(run.settle());
      }
    }
    for (auto& each : run.players) {
      if (each.me == nullptr) continue;
      const test::playing as_each(*each.me);
      ++run.step;
      run.leave(each);
    }
    lull::participant::set_current(nullptr);
    REQUIRE(run.made == run.gone + run.published.size());
    REQUIRE(run.too_early == 0);
    REQUIRE(run.held_ever > 0);
    REQUIRE(run.domain.statistics().orphans == 0);
  }
}
