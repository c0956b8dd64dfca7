// SPDX-License-Identifier: MIT

// Waiting for reclamation, without blocking and with it. What blocks here returns because others
// are offline, or has a thread of its own.

#include <lull/reclaim/waiter.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <optional>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

// A waiter that says when it is ready.
template <class Waiter>
struct noting : Waiter {
  noting() noexcept : Waiter(&noting::note) {}
  static void note(lull::detail::waiter& self) noexcept { ++static_cast<noting&>(self).calls; }
  int calls = 0;
};
using grace_note = noting<lull::detail::grace_waiter>;
using barrier_note = noting<lull::detail::barrier_waiter>;

// One who waits and one who reads, both in this thread.
struct waiting_pair {
  lull::domain domain;
  lull::participant me{domain};
  lull::participant reader{domain};

  void pass(int rounds = 20) {
    for (int i = 0; i < rounds; ++i) test::pass_grace_period(me, reader);
  }
  void pass_alone() {
    for (int i = 0; i < 20; ++i) me.quiescent(test::at_most(1'000'000));
  }
};

// Retires itself anew, each time that it is released, until it is told to stop.
struct undying {
  const bool* stop;
  std::size_t* lives;
  ~undying() {
    ++*lives;
    if (!*stop) lull::retire(new undying{stop, lives});
  }
};

}  // namespace

TEST_CASE_METHOD(waiting_pair, "a ticket has elapsed once everybody was quiescent after it") {
  const lull::grace_ticket now = me.ticket();
  CHECK_FALSE(me.elapsed(now));
  CHECK(me.has_limbo());  // somebody has to move the epoch
  pass_alone();
  CHECK_FALSE(me.elapsed(now));
  pass(1);
  CHECK(me.elapsed(now));
  CHECK(reader.elapsed(now));
  pass_alone();
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE_METHOD(waiting_pair, "a quiescent state from before the ticket does not count for it") {
  bool gone = false;
  reader.quiescent();
  me.retire(new test::tracked(gone));
  const lull::grace_ticket now = me.ticket();
  pass_alone();
  CHECK_FALSE(me.elapsed(now));
  CHECK_FALSE(gone);
  CHECK(reader.offline());
  pass_alone();
  CHECK(me.elapsed(now));
  CHECK(gone);
  CHECK(me.elapsed(now));
}

TEST_CASE_METHOD(waiting_pair, "tickets are in order, and an older one elapses first") {
  const lull::grace_ticket first = me.ticket();
  while (!me.elapsed(first)) test::pass_grace_period(me, reader);
  const lull::grace_ticket second = me.ticket();
  CHECK(second > first);
  CHECK(me.elapsed(first));
  CHECK_FALSE(me.elapsed(second));
}

TEST_CASE_METHOD(waiting_pair, "a ticket taken with a pin does not elapse before the pin goes") {
  std::optional<lull::pin> walk(std::in_place, me);
  const lull::grace_ticket now = me.ticket();
  pass();
  CHECK_FALSE(me.elapsed(now));
  walk.reset();
  pass();
  CHECK(me.elapsed(now));
}

TEST_CASE_METHOD(waiting_pair, "who waits for a grace period is called once, when it has passed") {
  grace_note who;
  me.await_grace(who);
  CHECK(who.is_linked());
  pass_alone();
  CHECK(who.calls == 0);
  pass(1);
  CHECK(who.calls == 1);
  CHECK_FALSE(who.is_linked());
  pass();
  CHECK(who.calls == 1);
  me.await_grace(who);
  pass();
  CHECK(who.calls == 2);
}

TEST_CASE_METHOD(waiting_pair, "who stops waiting is not called, and the others are") {
  grace_note first;
  grace_note second;
  grace_note third;
  barrier_note all;
  for (grace_note* one : {&first, &second, &third}) me.await_grace(*one);
  me.await_barrier(all);
  second.unlink();
  all.unlink();
  pass();
  CHECK(first.calls == 1);
  CHECK(second.calls == 0);
  CHECK(third.calls == 1);
  CHECK(all.calls == 0);
  pass_alone();
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE_METHOD(waiting_pair, "a waiter that goes away has stopped waiting") {
  {
    grace_note grace;
    barrier_note all;
    me.await_grace(grace);
    me.await_barrier(all);
  }
  pass();
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE_METHOD(waiting_pair, "waiting allocates nothing") {
  test::need_allocations();
  grace_note grace;
  barrier_note all;
  static_cast<void>(me.ticket());
  pass();  // a spare block is there
  const std::size_t before = test::allocations();
  me.await_grace(grace);
  me.await_barrier(all);
  pass_alone();
  CHECK(test::allocations() == before);
  pass();
}

TEST_CASE_METHOD(waiting_pair, "a barrier is over when all that was retired before is released") {
  std::size_t released = 0;
  struct linked : lull::retirable<linked> {
    explicit linked(std::size_t& c) noexcept : count(&c) {}
    ~linked() { ++*count; }
    std::size_t* count;
  };
  for (int i = 0; i < 50; ++i) {
    me.retire(new test::counted(released));
    me.retire(new linked(released));
  }
  barrier_note all;
  me.await_barrier(all);
  pass_alone();
  CHECK(all.calls == 0);
  CHECK(reader.offline());
  for (int i = 0; i < 10'000 && all.calls == 0; ++i) {
    me.quiescent(test::at_most(3));
    REQUIRE((all.calls == 0 || released == 100));
  }
  CHECK(all.calls == 1);
}

TEST_CASE_METHOD(waiting_pair,
                 "a barrier with nothing retired is over at the next quiescent state") {
  barrier_note all;
  me.await_barrier(all);
  CHECK(all.calls == 0);
  me.quiescent();
  CHECK(all.calls == 1);
}

TEST_CASE_METHOD(waiting_pair, "a barrier does not wait for what others retire") {
  barrier_note all;
  bool gone = false;
  const test::playing as_reader(reader);
  lull::retire(new test::tracked(gone));
  me.await_barrier(all);
  me.quiescent();
  CHECK(all.calls == 1);
  CHECK_FALSE(gone);
  pass();
}

TEST_CASE_METHOD(waiting_pair, "a barrier waits for what is held, and not for what is held later") {
  struct bytes {
    int value = 7;
  };
  auto* first = new bytes;
  auto* second = new bytes;
  std::optional<lull::hold<bytes>> keep_first;
  std::optional<lull::hold<bytes>> keep_second;
  {
    const test::playing as_reader(reader);
    keep_first.emplace(lull::ref<bytes>(first));
    keep_second.emplace(lull::ref<bytes>(second));
  }
  me.retire(first);
  barrier_note all;
  me.await_barrier(all);
  pass();
  CHECK(all.calls == 0);
  CHECK(me.statistics().held_objects == 1);
  CHECK(keep_first->get()->value == 7);
  me.retire(second);
  pass();
  CHECK(me.statistics().held_objects == 2);
  {
    const test::playing as_reader(reader);
    keep_first.reset();
  }
  pass();
  CHECK(all.calls == 1);
  CHECK(me.statistics().held_objects == 1);
  {
    const test::playing as_reader(reader);
    keep_second.reset();
  }
  pass();
}

TEST_CASE_METHOD(waiting_pair,
                 "a barrier waits for what was sent home, and not for what is sent later") {
  struct from_reader : lull::homed<from_reader> {};
  const auto made = [&] {
    const test::playing as_reader(reader);
    return new from_reader;
  };
  CHECK(reader.offline());
  for (int i = 0; i < 20; ++i) me.retire(made());
  barrier_note all;
  me.await_barrier(all);
  pass_alone();
  CHECK(me.statistics().sent_home == 20);
  CHECK(all.calls == 0);
  CHECK_FALSE(me.drive());  // the barrier is something to drive for
  reader.online();
  CHECK(reader.drive());
  for (int i = 0; i < 20; ++i) me.retire(made());  // on their way when the first were at home
  pass_alone();
  CHECK(reader.offline());
  pass_alone();
  CHECK(all.calls == 1);
  reader.online();
  pass();
}

TEST_CASE_METHOD(waiting_pair, "several barriers at once are over, each for what came before it") {
  CHECK(reader.offline());
  std::size_t released = 0;
  barrier_note all[5];
  for (barrier_note& one : all) {
    me.retire(new test::counted(released));
    me.await_barrier(one);
    me.quiescent(test::at_most(0));
  }
  for (int i = 0; i < 100; ++i) me.quiescent(test::at_most(1));
  for (barrier_note& one : all) CHECK(one.calls == 1);
  CHECK(released == 5);
}

TEST_CASE_METHOD(waiting_pair, "a barrier never ended while deleters retired again and again") {
  CHECK(reader.offline());
  bool stop = false;
  std::size_t lives = 0;
  me.retire(new undying{&stop, &lives});
  barrier_note all;
  me.await_barrier(all);
  for (int i = 0; i < 100 && all.calls == 0; ++i) me.quiescent();
  CHECK(all.calls == 1);
  CHECK(lives >= 1);
  stop = true;
  pass_alone();
  CHECK_FALSE(me.has_limbo());
}
