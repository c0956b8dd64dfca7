// SPDX-License-Identifier: MIT

// What readers of the sources found, as schedules that are driven by hand.

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "on_a_budget.hpp"
#include "two_houses.hpp"

namespace {

// Comes to it at once.
struct admitted : lull::detail::admission_waiter {
  explicit admitted(lull::participant& p) noexcept : admission_waiter(&admitted::let_in), of(p) {}
  ~admitted() { unlink(); }
  static void let_in(lull::detail::waiter& self) noexcept {
    auto& me = static_cast<admitted&>(self);
    me.is_in = true;
    me.of.take_up_admission(me.bytes);
  }
  lull::participant& of;
  bool is_in = false;
};

using counted_hold = lull::hold<test::counted>;

}  // namespace

TEST_CASE("an object went home to the participant of another domain, and back to one destroyed") {
  test::releases log;
  lull::domain first;
  lull::participant at_home(first);
  {
    lull::domain second;
    lull::participant retirer(second);
    retirer.retire(test::made_by(at_home, log));
    test::pass_grace_period(retirer, at_home);
    CHECK(log == test::releases{&retirer});
  }
  test::at_home* orphan = nullptr;
  {
    lull::domain third;
    lull::participant gone(third);
    orphan = test::made_by(gone, log);
  }
  at_home.retire(orphan);
  test::pass_grace_period(at_home);
  CHECK(log.size() == 2);
  CHECK(at_home.drive());
}

TEST_CASE("what was held in one limbo was looked at in vain while another took the turns") {
  std::size_t released = 0;
  lull::domain domain;
  lull::participant holder(domain);
  lull::participant busy(domain);
  std::vector<counted_hold> adopted;
  std::vector<counted_hold> own;
  const auto held = [&](std::vector<counted_hold>& by) {
    const test::playing as(holder);
    auto* const one = new test::counted(released);
    by.emplace_back(lull::ref<test::counted>(one));
    return one;
  };
  constexpr std::ptrdiff_t half = lull::limits::recheck_objects;
  constexpr std::size_t each = 2 * lull::limits::recheck_objects;
  {
    lull::participant leaver(domain);
    for (std::size_t i = 0; i < each; ++i) leaver.retire(held(adopted));
  }
  for (std::size_t i = 0; i < each; ++i) busy.retire(held(own));
  const auto pass = [&](int turns) {
    for (int i = 0; i < turns; ++i) {
      busy.quiescent();
      holder.quiescent();
    }
  };
  pass(2000);
  REQUIRE(busy.statistics().held_objects == 2 * each);
  const test::playing as(holder);
  adopted.erase(adopted.begin() + half, adopted.end());
  pass(2000);
  CHECK(released == each / 2);
  adopted.clear();
  own.clear();
  pass(2000);
  CHECK(released == 2 * each);
}

TEST_CASE("one drive admitted as often as it had rounds, beyond the hard budget") {
  lull::domain domain(test::bounded(0, 64 * test::kib));
  lull::participant one(domain);
  admitted waiting[4]{admitted(one), admitted(one), admitted(one), admitted(one)};
  one.retire(new int);
  for (admitted& who : waiting) one.await_admission(who, 60'000);
  static_cast<void>(one.drive());
  CHECK(std::ranges::count_if(waiting, [](const admitted& who) { return who.is_in; }) == 1);
}

TEST_CASE("a budget of more than there can be was one of less than nothing") {
  lull::domain domain(test::bounded(0, SIZE_MAX));
  lull::participant one(domain);
  CHECK(one.try_admit(1'000'000));
  lull::domain soft(test::bounded(SIZE_MAX, SIZE_MAX));
  lull::participant other(soft);
  other.retire(new int);
  other.quiescent();
  CHECK_FALSE(other.should_yield());
}

TEST_CASE("more than can be counted was admitted") {
  lull::domain domain(test::bounded(0, 64 * test::kib));
  lull::participant one(domain);
  CHECK_FALSE(one.try_admit(SIZE_MAX));
  CHECK(one.try_admit(64 * test::kib));
}

TEST_CASE("what was promised to who had waited, and did not retire, was promised for ever") {
  lull::domain domain(test::bounded(0, 64 * test::kib));
  lull::participant one(domain);
  lull::participant other(domain);
  {
    admitted first(one);
    one.await_admission(first, 60'000);
    one.quiescent();
    REQUIRE(first.is_in);
  }
  CHECK_FALSE(one.try_admit(10'000));
  one.quiescent();
  CHECK(one.try_admit(10'000));
  one.quiescent();
  CHECK(other.try_admit(60'000));  // and is nobody's in hand
}

TEST_CASE("one who had seen the epoch was asked to yield for it, until the epoch moved again") {
  lull::domain domain(test::bounded(1, 0));
  std::atomic<bool> joined{false};
  std::atomic<bool> end{false};
  std::atomic<int> round{0};
  std::atomic<int> seen{0};
  int asked = 0;
  std::thread reader([&] {
    lull::participant me(domain);
    joined = true;
    for (int last = 0; !end;) {
      me.quiescent();
      const int now = round;
      if (now == last) continue;
      me.quiescent();
      if (me.should_yield()) ++asked;
      seen = last = now;
    }
  });
  while (!joined) std::this_thread::yield();
  {
    lull::participant me(domain);
    for (int i = 1; i <= 200; ++i) {
      me.retire(new test::page);
      while (me.has_limbo()) me.quiescent();
      round = i;  // nothing is in limbo, and nobody waits
      while (seen != i) std::this_thread::yield();
    }
  }
  end = true;
  reader.join();
  CHECK(asked == 0);
}

TEST_CASE("a span below zero for merging skipped four thousand million quiescent states") {
  lull::domain domain;
  lull::participant one(domain);
  one.merge_within(std::chrono::seconds(-1));
  for (int i = 0; i < 1000; ++i) {
    one.retire(new int);
    one.quiescent();
  }
  CHECK(one.statistics().retired == 1000);
}

TEST_CASE("what others left with one who left what is held waited for its holder") {
  // Each ends the next one, in a deleter, when the one before has looked at what is held.
  struct ends {
    std::optional<lull::participant>* next;
    ~ends() { next->reset(); }
  };
  lull::domain domain;
  lull::participant keeper(domain);
  std::optional<lull::participant> leaver(domain);
  std::optional<lull::participant> second(domain);
  std::optional<lull::participant> third(domain);
  bool held_gone = false;
  bool gone = false;
  auto* const one = new test::tracked(held_gone);
  lull::hold held{lull::ref<test::tracked>(one)};  // the keeper's, who is the current one
  leaver->retire(one);
  leaver->retire(new ends{&second});
  second->retire(new ends{&third});
  third->retire(new test::tracked(gone));
  CHECK(keeper.offline());
  CHECK(second->offline());
  CHECK(third->offline());
  leaver.reset();
  CHECK_FALSE(second);
  CHECK_FALSE(third);
  CHECK(gone);
  CHECK_FALSE(held_gone);
  keeper.online();
  held.drop();
  CHECK(keeper.drive());
  CHECK(held_gone);
}

TEST_CASE("as many lists of what is held were looked at each time as participants had left one") {
  constexpr std::size_t leavers = 50;
  std::size_t released = 0;
  lull::domain domain;
  lull::participant holder(domain);
  std::vector<test::counted*> objects;
  std::vector<counted_hold> held;
  for (std::size_t i = 0; i < leavers; ++i) {
    objects.push_back(new test::counted(released));
    held.emplace_back(lull::ref<test::counted>(objects.back()));
  }
  CHECK(holder.offline());
  std::optional<lull::participant> adopter(domain);
  for (test::counted* const one : objects) {
    lull::participant leaver(domain);
    leaver.retire(one);
  }
  adopter->quiescent();
  while (adopter->statistics().held_objects != leavers) static_cast<void>(adopter->drive());
  adopter.reset();
  CHECK(domain.statistics().orphans == 1);
  held.clear();
  holder.online();
  CHECK(test::drive_to_the_end(holder));
  CHECK(released == leavers);
}
