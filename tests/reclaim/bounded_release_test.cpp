// SPDX-License-Identifier: MIT

// What one quiescent state and one drive release at most: by counts, and by a clock that stands
// still.

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "holds.hpp"

using namespace std::chrono_literals;

namespace {

// One whose clock moves on by what each release takes.
struct dear_releases {
  struct object {
    dear_releases* all;
    ~object() {
      all->clock.advance(100us);
      ++all->released;
    }
  };

  dear_releases() { me.use_clock(clock.source()); }
  object* make() { return new object{this}; }
  // The most that one quiescent state releases, until all of `count` are.
  std::size_t most_at_once(std::size_t count) {
    std::size_t most = 0;
    while (released != count) {
      const std::size_t before = released;
      me.quiescent();
      most = std::max(most, released - before);
    }
    return most;
  }

  lull::manual_clock clock;
  lull::domain domain;
  lull::participant me{domain};
  std::size_t released = 0;
};

// And to whom more comes home than it can release; the same of what it retires itself, in both
// queues of its limbo.
struct busy_home : dear_releases {
  struct work {
    explicit work(lull::manual_clock& c) noexcept : clock(&c) {}
    ~work() { clock->advance(100us); }
    lull::manual_clock* clock;
  };
  struct homed_work : lull::homed<homed_work>, work {
    using work::work;
  };

  void turns(int count) {
    const test::playing as_home(me);
    for (; count > 0; --count) {
      for (lull::participant* by : {&sender, &sender, &me}) by->retire(new homed_work(clock));
      me.retire(new work(clock));
      me.quiescent();
      sender.quiescent(test::at_most(1000));
    }
  }

  lull::participant sender{domain};
};

}  // namespace

TEST_CASE("one call of drive releases a bounded number of objects and says that more is due") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  constexpr std::size_t count = 200'000;
  for (std::size_t i = 0; i < count; ++i) {
    me.retire(&released, 1, +[](void* at) noexcept { ++*static_cast<std::size_t*>(at); });
  }
  for (int i = 0; i < 4 && me.statistics().released == 0; ++i) me.quiescent(test::at_most(0));
  CHECK(me.has_due());
  lull::manual_clock still;
  me.use_clock(still.source());
  int calls = 0;
  while (!me.drive()) {
    REQUIRE(me.has_due());
    REQUIRE(++calls < 100'000);
  }
  CHECK(released == count);
}

TEST_CASE("one quiescent state releases at most its bound of objects, and a share of what is due") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  constexpr std::size_t count = 20'000;
  for (std::size_t i = 0; i < count; ++i) {
    me.retire(&released, 1, +[](void* at) noexcept { ++*static_cast<std::size_t*>(at); });
  }
  // What was retired in one iteration is added to the bound once, when it is closed: spend it.
  std::size_t states = 0;
  std::size_t most = 0;
  lull::participant reader(domain);
  me.quiescent(test::at_most(10));
  reader.quiescent();
  while (me.has_limbo()) {
    const std::size_t before = released;
    me.quiescent(test::at_most(10));
    reader.quiescent();
    if (before != 0) most = std::max(most, released - before);
    REQUIRE(++states < 100'000);
  }
  CHECK(released == count);
  CHECK(most <= 10 + count / lull::limits::release_share);
}

TEST_CASE("a million objects that are due at once are not released at once") {
  lull::domain domain;
  lull::participant writer(domain);
  lull::participant silent(domain);
  std::size_t released = 0;
  constexpr std::size_t count = lull::limits::small ? 20'000 : 1'000'000;
  // A reader is silent while the writer goes on: limbo grows over many iterations.
  for (std::size_t i = 0; i < count; ++i) {
    writer.retire(&released, 1, +[](void* at) noexcept { ++*static_cast<std::size_t*>(at); });
    if (i % 64 == 63) writer.quiescent(test::at_most(64));
  }
  CHECK(released == 0);
  silent.quiescent();
  std::size_t states = 0;
  std::size_t most = 0;
  while (writer.has_limbo()) {
    const std::size_t before = released;
    writer.quiescent(test::at_most(64));
    silent.quiescent();
    most = std::max(most, released - before);
    REQUIRE(++states < 1'000'000);
  }
  CHECK(released == count);
  CHECK(most <= 2 * 64 + count / lull::limits::release_share);
}

TEST_CASE("limbo does not grow while each iteration retires more than the bound") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  for (int iteration = 0; iteration < 500; ++iteration) {
    for (int i = 0; i < 300; ++i) {
      me.retire(&released, 1, +[](void* at) noexcept { ++*static_cast<std::size_t*>(at); });
    }
    me.quiescent(test::at_most(10));
  }
  CHECK(me.statistics().limbo_objects_high <= 4 * 300);
  REQUIRE(test::drive_to_the_end(me));
}

TEST_CASE("a burst is not released in the iteration that retired it, nor a second one") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  std::size_t most = 0;
  constexpr std::size_t burst = 100'000;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < burst; ++i) {
      me.retire(&released, 1, +[](void* at) noexcept { ++*static_cast<std::size_t*>(at); });
    }
    while (me.has_limbo()) {
      const std::size_t before = released;
      me.quiescent(test::at_most(64));
      most = std::max(most, released - before);
    }
  }
  CHECK(released == 2 * burst);
  // What the first burst earned as credit fades with the quiescent states that drain it, of which
  // there are few where the share is large.
  const std::size_t credit = lull::limits::small ? burst / 100 : 64;
  CHECK(most <= 64 + burst / lull::limits::release_share + credit);
}

TEST_CASE("dear deleters are stopped by time") {
  lull::domain domain;
  lull::participant me(domain);
  lull::manual_clock manual;
  me.use_clock(manual.source());
  struct work {
    lull::manual_clock* clock;
    std::size_t released = 0;
  } state{&manual};
  for (int i = 0; i < 64; ++i) {
    me.retire(
        &state, 1, +[](void* at) noexcept {
          work& mine = *static_cast<work*>(at);
          mine.clock->advance(4us);
          ++mine.released;
        });
  }
  me.quiescent({64, 0us});
  me.quiescent({64, 0us});
  CHECK(state.released <= 2);  // one each
  std::size_t most = 0;
  while (me.has_limbo()) {
    const std::size_t before = state.released;
    me.quiescent({64, 10us});
    most = std::max(most, state.released - before);
  }
  CHECK(state.released == 64);
  CHECK(most <= 6);
}

TEST_CASE_METHOD(dear_releases, "what was held and is dear went by no clock when it was dropped") {
  lull::participant holder(domain);
  std::vector<lull::hold<object>> held;
  constexpr std::size_t count = 4 * lull::limits::recheck_objects;
  for (std::size_t i = 0; i < count; ++i) {
    object* const one = make();
    held.push_back(test::hold_of(one, holder));
    me.retire(one);
  }
  while (me.statistics().held_objects != count) {
    me.quiescent();
    holder.quiescent();
  }
  for (auto& one : held) test::drop_by(holder, one);
  CHECK(most_at_once(count) <= 4);  // a chunk, as it was when nothing was dear, and some
}

TEST_CASE_METHOD(dear_releases, "the time was over for each adopted limbo by itself") {
  constexpr std::size_t count = 50;
  for (std::size_t i = 0; i < count; ++i) {
    lull::participant leaver(domain);
    leaver.retire(make());
  }
  CHECK(most_at_once(count) == 1);
}

TEST_CASE_METHOD(busy_home,
                 "what was adopted waited while what one retired and came home did not") {
  turns(100);
  {
    lull::participant leaver(domain);
    leaver.retire(make());
  }
  turns(100);
  CHECK(me.statistics().adopted == 1);
  CHECK(released == 1);
}

TEST_CASE_METHOD(busy_home,
                 "one queue of limbo waited while the other and what came home did not") {
  struct links_itself : lull::retirable<links_itself> {
    explicit links_itself(std::size_t& r) noexcept : released(&r) {}
    ~links_itself() { ++*released; }
    std::size_t* released;
  };
  std::size_t linked = 0;
  turns(100);
  me.retire(new links_itself(linked));
  me.retire(make());
  turns(1000);
  CHECK(linked == 1);
  CHECK(released == 1);
}

TEST_CASE_METHOD(dear_releases, "a time of less than nothing grew to what cannot be counted") {
  constexpr std::size_t count = 200;
  for (std::size_t i = 0; i < count; ++i) me.retire(make());
  while (released != count) {
    const std::size_t before = released;
    me.retire(new int);
    me.quiescent({1, std::chrono::hours::min()});
    REQUIRE(released <= before + 1);
  }
}
