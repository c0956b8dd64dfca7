// SPDX-License-Identifier: MIT
#include <lull/reclaim/statistics.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <thread>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

struct counted_pair {
  counted_pair() {
    me.use_clock(clock.source());
    reader.use_clock(clock.source());
  }
  void pass() {
    for (int i = 0; i < 20; ++i) test::pass_grace_period(me, reader);
  }

  lull::manual_clock clock;
  lull::domain domain;
  lull::participant me{domain};
  lull::participant reader{domain};
};

std::uint64_t all_of(const lull::grace_histogram& grace) {
  return std::accumulate(grace.count.begin(), grace.count.end(), std::uint64_t{0});
}

}  // namespace

TEST_CASE("a new participant and a new domain have counted nothing") {
  const lull::domain domain;
  const lull::domain_statistics all = domain.statistics();
  CHECK(all.participants == 0);
  CHECK(all.retired == 0);
  CHECK(all.released == 0);
  CHECK(all.orphans == 0);
  CHECK(all.stall_reports == 0);
  CHECK(all.complete == all.epoch);
  lull::domain other;
  const lull::participant me(other);
  const lull::participant_statistics mine = me.statistics();
  CHECK(mine.retired == 0);
  CHECK(mine.limbo_objects == 0);
  CHECK(mine.oldest == 0ns);
  CHECK(all_of(mine.grace) == 0);
}

TEST_CASE_METHOD(counted_pair, "objects are counted from retired to released, with their bytes") {
  for (int i = 0; i < 10; ++i) me.retire(new int, 100);
  CHECK(me.statistics().retired == 0);  // as of the last quiescent state
  me.quiescent();
  CHECK(me.statistics().retired == 10);
  CHECK(me.statistics().limbo_objects == 10);
  CHECK(me.statistics().limbo_bytes == 1000);
  CHECK(domain.statistics().limbo_bytes == 1000);
  pass();
  const lull::participant_statistics after = me.statistics();
  CHECK(after.released == 10);
  CHECK(after.limbo_objects == 0);
  CHECK(after.limbo_bytes == 0);
  CHECK(after.limbo_objects_high == 10);
  CHECK(after.limbo_bytes_high == 1000);
  CHECK(domain.statistics().limbo_objects == 0);
}

TEST_CASE_METHOD(counted_pair, "what is held is counted apart from limbo") {
  auto* object = new int(1);
  std::optional<lull::hold<int>> keep{lull::ref<int>(object)};
  CHECK(me.statistics().holds == 1);
  me.retire(object);
  pass();
  CHECK(me.statistics().held_objects == 1);
  CHECK(me.statistics().held_bytes == sizeof(int));
  CHECK(me.statistics().limbo_objects == 0);
  CHECK(me.statistics().limbo_bytes == 0);
  CHECK(me.statistics().released == 0);
  CHECK(domain.statistics().held_objects == 1);
  CHECK(domain.statistics().held_bytes == sizeof(int));
  keep.reset();
  CHECK(me.statistics().holds == 0);
  pass();
  CHECK(me.statistics().held_objects == 0);
  CHECK(me.statistics().held_bytes == 0);
  CHECK(me.statistics().released == 1);
}

TEST_CASE_METHOD(counted_pair, "pins, epochs, advances and attempts are counted by who has them") {
  {
    const lull::pin first(me);
    const lull::pin second(me);
    CHECK(me.statistics().pins == 2);
    CHECK(reader.statistics().pins == 0);
  }
  CHECK(me.statistics().pins == 0);
  const auto before = me.statistics();
  me.retire(new int);
  pass();
  const auto after = me.statistics();
  CHECK(after.epochs > before.epochs);
  CHECK(after.advances > before.advances);
  CHECK(after.attempts >= after.advances - before.advances);
  CHECK(reader.statistics().advances == 0);  // it wants nothing
  CHECK(reader.statistics().attempts == 0);
  CHECK(reader.statistics().epochs > 0);
}

TEST_CASE_METHOD(counted_pair, "grace periods are counted by how long they took") {
  const auto time_one = [&](std::chrono::microseconds takes) {
    const std::uint64_t before = all_of(me.statistics().grace);
    for (int i = 0; i < 1000 && all_of(me.statistics().grace) == before; ++i) {
      me.retire(new int);
      me.quiescent();
      clock.advance(takes);
      test::pass_grace_period(reader, me);
    }
    REQUIRE(all_of(me.statistics().grace) == before + 1);
  };
  time_one(0us);
  CHECK(me.statistics().grace.count[0] == 1);
  time_one(1us);
  CHECK(me.statistics().grace.count[1] == 1);
  time_one(100us);  // less than 128 us, and not less than 64
  CHECK(me.statistics().grace.count[7] == 1);
  time_one(127us);
  CHECK(me.statistics().grace.count[7] == 2);
  time_one(128us);
  CHECK(me.statistics().grace.count[8] == 1);
  time_one(24h);
  CHECK(me.statistics().grace.count[lull::grace_histogram::classes - 1] == 1);
  CHECK(all_of(reader.statistics().grace) == 0);
}

TEST_CASE_METHOD(counted_pair, "one batch of some is timed, and not each") {
  for (unsigned i = 0; i < 10 * lull::limits::grace_sample; ++i) {
    me.retire(new int);
    test::pass_grace_period(me, reader);
  }
  const std::uint64_t timed = all_of(me.statistics().grace);
  CHECK(timed >= 8);
  CHECK(timed <= 10);
}

TEST_CASE_METHOD(counted_pair, "the oldest in limbo ages while it waits, and is forgotten after") {
  me.retire(new int);
  for (unsigned i = 0; i < 2 * lull::limits::blocked_turns; ++i) me.quiescent();
  clock.advance(3s);
  CHECK(me.statistics().oldest == 3s);
  CHECK(reader.statistics().oldest == 0s);
  pass();
  CHECK(me.statistics().oldest == 0s);
}

TEST_CASE_METHOD(counted_pair, "a domain counts what those did who have left") {
  {
    lull::participant leaver(domain);
    for (int i = 0; i < 7; ++i) leaver.retire(new int);
    leaver.quiescent();
    pass();
    for (int i = 0; i < 8; ++i) leaver.quiescent();
    CHECK(leaver.statistics().released == 7);
    for (int i = 0; i < 5; ++i) leaver.retire(new int, 10);
    CHECK(domain.statistics().retired == 7);
  }
  CHECK(domain.statistics().retired == 12);
  CHECK(domain.statistics().released == 7);
  CHECK(domain.statistics().orphans == 1);
  CHECK(domain.statistics().limbo_objects == 0);  // not what is orphaned
  reader.quiescent();
  me.quiescent();
  CHECK(domain.statistics().orphans == 0);
  CHECK(me.statistics().adopted + reader.statistics().adopted == 5);
  pass();
  CHECK(domain.statistics().retired == 12);
  CHECK(domain.statistics().released == 12);
  CHECK(domain.statistics().limbo_bytes == 0);
}

TEST_CASE_METHOD(counted_pair,
                 "a newcomer in the slot of one who left begins with nothing counted") {
  {
    lull::participant leaver(domain);
    leaver.set_label(5);
    leaver.retire(new int);
    leaver.quiescent();
  }
  pass();  // the others adopt what it left
  const lull::participant newcomer(domain);
  REQUIRE(domain.statistics().slots == 3);
  CHECK(newcomer.statistics().retired == 0);
  CHECK(newcomer.statistics().limbo_objects == 0);
  CHECK(newcomer.statistics().limbo_bytes == 0);
  CHECK(newcomer.statistics().epochs == 0);
  CHECK(newcomer.statistics().limbo_bytes_high == 0);
}

TEST_CASE("any thread may read the statistics while others count") {
  lull::domain domain;
  std::atomic<bool> stop{false};
  std::thread worker([&] {
    lull::participant me(domain);
    while (!stop) {
      for (int i = 0; i < 5; ++i) me.retire(new int);
      me.quiescent();
    }
  });
  std::uint64_t before = 0;
  while (before < 10'000) {
    const lull::domain_statistics now = domain.statistics();
    REQUIRE(now.retired >= before);
    REQUIRE(now.complete <= now.epoch);
    before = now.retired;
  }
  stop = true;
  worker.join();
  CHECK(domain.statistics().retired == domain.statistics().released);
}
