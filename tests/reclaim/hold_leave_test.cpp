// SPDX-License-Identifier: MIT

// Who retired leaves while somebody holds what it retired.

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "../allocations.hpp"
#include "leaving.hpp"

using lull::participant;
using test::leaving;
using test::tracked;

TEST_CASE_METHOD(leaving, "who leaves hands what is held to the one who holds it") {
  other.reset();
  lull::hold held = test::hold_of(object, *keeper);
  leaver->retire(object);
  SECTION("when it has been found held") { settle(); }
  SECTION("before its grace period is over") {}
  leaver.reset();
  CHECK_FALSE(gone);
  CHECK(domain.statistics().orphans == 1);
  keeper->quiescent();  // announces, looks, adopts
  CHECK_FALSE(keeper->drive());
  CHECK(domain.statistics().orphans == 0);
  CHECK(keeper->statistics().adopted == 1);
  CHECK(keeper->statistics().held_objects == 1);
  CHECK(keeper->statistics().held_bytes == sizeof(tracked));
  CHECK_FALSE(gone);
  held.drop();
  CHECK(keeper->drive());
  CHECK(gone);
  CHECK(keeper->statistics().released == 1);
  CHECK(keeper->statistics().held_bytes == 0);
  delete other_object;
}

TEST_CASE_METHOD(leaving, "the last one releases what it held itself") {
  other.reset();
  {
    const lull::hold held = test::hold_of(object, *keeper);
    leaver->retire(object);
    settle();
    leaver.reset();
    CHECK_FALSE(gone);
  }
  keeper.reset();
  CHECK(gone);
  CHECK(domain.statistics().orphans == 0);
  delete other_object;
}

TEST_CASE_METHOD(leaving, "what an offline participant holds waits until that one comes online") {
  other.reset();
  lull::hold held = test::hold_of(object, *keeper);
  CHECK(keeper->offline());
  leaver->retire(object);
  leaver.reset();  // does not wait
  CHECK_FALSE(gone);
  CHECK(domain.statistics().orphans == 1);
  SECTION("and drops it then") {
    keeper->online();
    CHECK(keeper->statistics().adopted == 1);
    CHECK_FALSE(keeper->drive());
    CHECK_FALSE(gone);
    held.drop();
    CHECK(keeper->drive());
  }
  SECTION("or leaves, having dropped it offline") {
    held.drop();
    keeper.reset();
  }
  SECTION("or until anybody else joins after the drop") {
    held.drop();
    participant newcomer(domain);
    CHECK(newcomer.drive());
  }
  CHECK(gone);
  CHECK(domain.statistics().orphans == 0);
  delete other_object;
}

TEST_CASE_METHOD(leaving, "who left, and was left something meanwhile, released what is held") {
  lull::hold held = test::hold_of(object, *keeper);
  leaver->retire(object);
  while (!leaver->has_due()) {  // it is known to be held, and not on the list of that yet
    leaver->quiescent(test::at_most(0));
    keeper->quiescent();
    other->quiescent();
  }
  other->retire(other_object);
  other.reset();
  REQUIRE(domain.statistics().orphans == 1);
  leaver.reset();
  CHECK_FALSE(gone);
  CHECK_FALSE(other_gone);
  held.drop();
  keeper.reset();
  CHECK(gone);
  CHECK(other_gone);
}

TEST_CASE_METHOD(leaving, "a third one adopts what another holds, and keeps it") {
  lull::hold held = test::hold_of(object, *keeper);
  leaver->retire(object);
  settle();
  CHECK(keeper->offline());
  leaver.reset();
  other->quiescent();
  CHECK_FALSE(other->drive());
  CHECK(other->statistics().adopted == 1);
  CHECK(other->statistics().held_objects == 1);
  CHECK_FALSE(gone);
  test::drop_by(*keeper, held);
  CHECK(other->drive());
  CHECK(gone);
  delete other_object;
}

TEST_CASE_METHOD(leaving, "what one who left had looked up among what is held is looked up again") {
  lull::hold held = test::hold_of(object, *keeper);
  leaver->retire(object);
  for (unsigned turn = 0; turn < lull::limits::gather_patience + 20; ++turn) {
    leaver->quiescent(test::at_most(0));
    keeper->quiescent();
    other->quiescent();
    other->quiescent();
  }
  CHECK(leaver->has_due());
  leaver.reset();
  other->quiescent();
  CHECK(other->statistics().adopted == 1);
  other->quiescent();
  keeper->quiescent();
  CHECK_FALSE(other->drive());
  CHECK_FALSE(gone);
  test::drop_by(*keeper, held);
  CHECK(other->drive());
  CHECK(gone);
  delete other_object;
}

TEST_CASE("one may leave in the middle of a look at what is held, which nobody holds any more") {
  constexpr std::size_t cells = lull::limits::gather_cells + lull::limits::gather_cells / 2 + 1;
  for (unsigned turns = 0; turns < lull::limits::gather_patience + 8; ++turns) {
    leaving all;
    all.other.reset();
    std::vector<lull::hold<tracked>> held;
    for (std::size_t i = 0; i < cells; ++i) held.push_back(test::hold_of(all.object, *all.keeper));
    all.leaver->retire(all.object);
    for (unsigned turn = 0; turn < turns; ++turn) {
      all.leaver->quiescent(test::at_most(0));
      all.keeper->quiescent();
    }
    for (auto& one : held) test::drop_by(*all.keeper, one);
    all.keeper.reset();
    all.leaver.reset();
    CHECK(all.gone);
    delete all.other_object;
  }
}

TEST_CASE_METHOD(leaving, "leaving with what is held of two participants does not wait") {
  lull::hold held = test::hold_of(object, *keeper);
  lull::hold other_held = test::hold_of(other_object, *keeper);
  leaver->retire(object);
  other->retire(other_object);
  settle();
  SECTION("while the holder sleeps") { CHECK(keeper->offline()); }
  SECTION("while the holder is online") {}
  leaver.reset();
  settle();
  other.reset();  // its own and what it may have adopted
  CHECK_FALSE(gone);
  CHECK_FALSE(other_gone);
  if (!keeper->is_online()) keeper->online();
  keeper->quiescent();
  CHECK_FALSE(keeper->drive());
  CHECK(keeper->statistics().held_objects == 2);
  CHECK(domain.statistics().orphans == 0);
  held.drop();
  other_held.drop();
  CHECK(test::drive_to_the_end(*keeper));
  CHECK(gone);
  CHECK(other_gone);
}

TEST_CASE_METHOD(leaving, "leaving while something is held needs no memory") {
  test::need_allocations();
  lull::hold held = test::hold_of(object, *keeper);
  CHECK(keeper->offline());
  leaver->retire(object);
  leaver->retire(other_object);
  {
    const test::failing_allocations none(0);
    leaver.reset();
    other.reset();
  }
  CHECK_FALSE(gone);  // what is not held may be released, or left to the holder
  keeper->online();
  CHECK_FALSE(keeper->drive());
  CHECK(other_gone);
  held.drop();
  CHECK(keeper->drive());
  CHECK(gone);
}

TEST_CASE("the last one needs no memory to release what is held no more") {
  test::need_allocations();
  for (std::size_t passes = 0; passes < 12; ++passes) {
    CAPTURE(passes);
    leaving all;
    all.other.reset();
    lull::hold held = test::hold_of(all.object, *all.keeper);
    all.leaver->retire(all.object);
    all.leaver->retire(all.other_object);
    {
      // What is due is looked up among what is held, and kept, as far as memory goes.
      const test::failing_allocations few(passes);
      all.settle();
    }
    CHECK_FALSE(all.gone);
    {
      const test::failing_allocations none(0);
      test::drop_by(*all.keeper, held);
      all.keeper.reset();
      all.leaver.reset();
    }
    CHECK(all.gone);
    CHECK(all.other_gone);
  }
}

TEST_CASE("the last one needs no memory to release a hundred that two cells held") {
  test::need_allocations();
  lull::domain domain;
  std::optional<participant> me{domain};
  std::size_t released = 0;
  std::vector<lull::hold<test::counted>> held;
  for (int i = 0; i < 100; ++i) {
    auto* const one = new test::counted(released);
    for (int cell = 0; cell < 2; ++cell) held.push_back(test::hold_of(one));
    me->retire(one);
  }
  static_cast<void>(test::drive_to_the_end(*me));
  CHECK(me->statistics().held_objects == 100);
  held.clear();
  {
    const test::failing_allocations none(0);
    me.reset();
  }
  CHECK(released == 100);
}

TEST_CASE("a holder and its leaving writer in two threads leave nothing behind") {
  constexpr int rounds = lull::limits::small ? 300 : 1500;
  for (int round = 0; round < rounds; ++round) {
    lull::domain domain;
    std::atomic<std::size_t> released{0};
    struct one {
      std::atomic<std::size_t>* released;
      int value = 7;
      ~one() {
        value = 0;
        released->fetch_add(1, std::memory_order_relaxed);
      }
    };
    std::atomic<one*> shared{new one{&released}};
    std::atomic<bool> joined{false};
    {
      std::thread writer([&] {
        participant me(domain);
        while (!joined.load(std::memory_order_acquire)) std::this_thread::yield();
        me.retire(shared.exchange(nullptr, std::memory_order_acq_rel));
        if (round % 3 == 0) static_cast<void>(me.drive());
      });
      {
        participant me(domain);
        std::optional<lull::hold<one>> held;
        if (one* found = shared.load(std::memory_order_acquire)) held.emplace(test::hold_of(found));
        joined.store(true, std::memory_order_release);
        for (int turn = 0; turn < round % 7; ++turn) me.quiescent();
        if (round % 2 == 0) static_cast<void>(me.offline());
        if (held && held->get()->value != 7) released.fetch_add(100, std::memory_order_relaxed);
        held.reset();
      }
      writer.join();
    }
    REQUIRE(released.load() == 1);
  }
}
