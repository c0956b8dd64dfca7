// SPDX-License-Identifier: MIT
#include <lull/reclaim/hold.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <utility>
#include <vector>

#include "holds.hpp"

using lull::hold;
using lull::participant;
using test::hold_of;
using test::tracked;

TEST_CASE_METHOD(test::holder,
                 "what is held stays while others are released and the epoch goes on") {
  hold held = hold_of(object);
  bool other_gone = false;
  me.retire(object);
  me.retire(new tracked(other_gone));
  const auto before = domain.statistics().epoch;
  CHECK_FALSE(me.drive());
  CHECK(other_gone);
  CHECK_FALSE(gone);
  CHECK(domain.statistics().epoch > before);
  CHECK(held->gone_ == &gone);
  held.drop();
  CHECK_FALSE(gone);  // not by the drop itself
  CHECK(me.drive());
  CHECK(gone);
}

TEST_CASE_METHOD(test::holder, "a hold gives the object like a pointer") {
  hold held = hold_of(object);
  CHECK(held.get() == object);
  CHECK(&*held == object);
  CHECK(held->gone_ == &gone);
  CHECK(static_cast<bool>(held));
  CHECK_FALSE(held.is_empty());
  held.drop();
  CHECK(held.is_empty());
  CHECK(held.get() == nullptr);
  CHECK_FALSE(static_cast<bool>(held));
  delete object;
}

TEST_CASE_METHOD(test::holder, "a hold that goes out of scope lets go") {
  {
    const hold held = hold_of(object);
    me.retire(object);
    CHECK_FALSE(me.drive());
  }
  CHECK(me.drive());
  CHECK(gone);
}

TEST_CASE_METHOD(test::holder, "what is held is counted apart, and not in limbo") {
  hold held = hold_of(object);
  me.retire(object);
  me.quiescent();
  CHECK_FALSE(me.drive());
  auto now = me.statistics();
  CHECK(now.holds == 1);
  CHECK(now.held_objects == 1);
  CHECK(now.held_bytes == sizeof(tracked));
  CHECK(now.limbo_objects == 0);
  CHECK(now.limbo_bytes == 0);
  CHECK(now.released == 0);
  CHECK(domain.statistics().held_objects == 1);
  CHECK(domain.statistics().held_bytes == sizeof(tracked));
  CHECK(domain.statistics().limbo_bytes == 0);
  held.drop();
  CHECK(me.drive());
  now = me.statistics();
  CHECK(now.held_objects == 0);
  CHECK(now.held_bytes == 0);
  CHECK(now.released == 1);
  CHECK(domain.statistics().held_objects == 0);
}

TEST_CASE("what is held is not charged against the budgets") {
  lull::domain domain({.budget = {.soft = 1'000'000, .hard = 2'000'000}});
  participant me(domain);
  participant other(domain);
  bool gone = false;
  auto* const object = new tracked(gone);
  hold held = hold_of(object);
  me.retire(object, 500'000);
  me.quiescent();
  CHECK(domain.statistics().charged_bytes >= 500'000);
  test::pass_grace_period(me, other);
  CHECK_FALSE(me.drive());
  CHECK(me.statistics().held_bytes == 500'000);
  CHECK(domain.statistics().charged_bytes < 500'000);
  held.drop();
  CHECK(me.drive());
  CHECK(gone);
  CHECK(domain.statistics().charged_bytes >= 0);
}

TEST_CASE_METHOD(test::holder, "what was dropped is released by the next quiescent states") {
  hold held = hold_of(object);
  me.retire(object);
  CHECK_FALSE(me.drive());
  held.drop();
  me.quiescent();
  CHECK(gone);
}

TEST_CASE_METHOD(test::holder,
                 "without drive() what is held leaves limbo after some quiescent states") {
  std::vector<hold<tracked>> many;  // so that one object is too little for a look at all cells
  std::vector<bool*> flags;
  for (int i = 0; i < 10; ++i) {
    flags.push_back(new bool(false));
    many.push_back(hold_of(new tracked(*flags.back())));
  }
  many.push_back(hold_of(object));
  bool other_gone = false;
  me.retire(object);
  me.retire(new tracked(other_gone));
  unsigned passed = 0;
  while (!other_gone && passed < 10'000) {
    me.quiescent();
    ++passed;
  }
  CHECK(other_gone);
  CHECK_FALSE(gone);
  CHECK(passed <= lull::limits::gather_patience + 16);
  while (!many.empty()) {
    if (many.back().get() != object) me.retire(many.back().get());
    many.pop_back();
  }
  CHECK(me.drive());
  CHECK(gone);
  for (const bool* one : flags) {
    CHECK(*one);
    delete one;
  }
}

TEST_CASE_METHOD(test::holder,
                 "the barrier waits for what is held and releases it after the drop") {
  struct noted : lull::detail::barrier_waiter {
    noted() noexcept : barrier_waiter(&noted::set) {}
    static void set(lull::detail::waiter& self) noexcept { static_cast<noted&>(self).over = true; }
    bool over = false;
  } all;
  hold held = hold_of(object);
  me.retire(object);
  me.await_barrier(all);
  test::pass_grace_period(me);
  me.drive();
  CHECK_FALSE(all.over);
  CHECK_FALSE(gone);
  held.drop();
  me.barrier();
  CHECK(gone);
  CHECK(all.over);
}

TEST_CASE_METHOD(test::holder, "a participant that is offline goes on holding") {
  participant other(domain);
  std::optional<hold<tracked>> held;
  {
    const test::playing as_other(other);
    held.emplace(hold_of(object));
  }
  CHECK(other.offline());
  me.retire(object);
  CHECK_FALSE(me.drive());
  CHECK_FALSE(gone);
  CHECK(me.statistics().held_objects == 1);
  {
    const test::playing as_other(other);
    held.reset();  // while it is offline
  }
  CHECK(me.drive());
  CHECK(gone);
  other.online();
}

TEST_CASE_METHOD(test::holder,
                 "a hold that is dropped before its grace period is over keeps nothing") {
  {
    const hold held = hold_of(object);
    me.retire(object);
    me.quiescent();
  }
  CHECK(me.drive());
  CHECK(gone);
  CHECK(me.statistics().held_objects == 0);
}

TEST_CASE_METHOD(test::holder, "a deferred call is not taken for something held") {
  // Its entry has no object; so has one of retire(object, bytes, function) with a null pointer.
  hold held = hold_of(object);
  me.retire(object);
  unsigned called = 0;
  me.defer([&called] { ++called; });
  static unsigned null_called = 0;
  null_called = 0;
  me.retire(nullptr, 8, +[](void*) noexcept { ++null_called; });
  CHECK_FALSE(me.drive());
  CHECK(called == 1);
  CHECK(null_called == 1);
  CHECK(me.statistics().held_objects == 1);
  held.drop();
  CHECK(me.drive());
  CHECK(gone);
}
