// SPDX-License-Identifier: MIT

// Objects that are released where they were made, while participants leave.

#include <lull/reclaim/home.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <optional>

#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "two_houses.hpp"

using test::at_home;
using test::made_by;
using test::releases;
using test::two_houses;

TEST_CASE_METHOD(two_houses, "where the home has left they are released by whoever retired them") {
  retire_some(10);
  leave_home();
  test::pass_grace_period(writer);
  CHECK(released_by(writer) == 10);
  CHECK(writer.statistics().released == 10);
  CHECK(writer.statistics().limbo_bytes == 0);
}

TEST_CASE_METHOD(two_houses, "a newcomer in the slot of the home that left is not the home") {
  retire_some(5);
  leave_home();
  home.emplace(domain);
  CHECK(domain.statistics().slots == 2);
  test::pass_grace_period(writer, *home);
  CHECK(released_by(writer) == 5);
  CHECK(home->statistics().came_home == 0);
}

TEST_CASE_METHOD(two_houses, "what has come home is released when the home leaves") {
  retire_some(20);
  test::send(*this);
  CHECK(log.empty());
  const lull::participant* const name = &*home;
  leave_home();
  CHECK(log == releases(20, name));
  CHECK(domain.statistics().released == 20);
}

TEST_CASE_METHOD(two_houses, "what came home before the home looked is released when it leaves") {
  CHECK(home->offline());
  retire_some(20);
  test::pass_grace_period(writer);
  CHECK(writer.statistics().sent_home == 20);
  CHECK(log.empty());
  const lull::participant* const name = &*home;
  leave_home();
  CHECK(log == releases(20, name));
}

TEST_CASE_METHOD(two_houses, "what one who left had retired goes home from whoever adopts it") {
  lull::participant reader(domain);
  {
    lull::participant leaver(domain);
    for (int i = 0; i < 10; ++i) leaver.retire(made_by(*home, log));
  }
  CHECK(log.empty());
  test::pass_grace_period(reader, writer, *home);
  test::pass_grace_period(reader, writer, *home);
  CHECK(released_by(*home) == 10);
}

TEST_CASE_METHOD(two_houses, "what a leaver has sent home is not forgotten there") {
  // It is due with the leaver, who also has something that came home; and the home is online, has
  // no work, and would not look again.
  struct own : lull::homed<own> {};
  own* mine = nullptr;
  std::optional<lull::participant> leaver(std::in_place, domain);
  {
    const test::playing as_leaver(*leaver);
    mine = new own;
  }
  for (int i = 0; i < 10; ++i) leaver->retire(made_by(*home, log));
  writer.retire(mine);
  while (leaver->statistics().came_home == 0 || !leaver->has_due()) {
    leaver->quiescent(test::at_most(0));
    home->quiescent();
    writer.quiescent();
    REQUIRE(domain.statistics().epoch < 100);
  }
  for (int i = 0; i < 5; ++i) {
    writer.quiescent();
    home->quiescent();
  }
  CHECK(writer.offline());
  leaver.reset();
  test::pass_grace_period(*home);
  CHECK(released_by(*home) == 10);
}

TEST_CASE_METHOD(two_houses, "where the home leaves meanwhile the deleters run as all others do") {
  // The second object's deleter ends the home, to which the first one is on its way.
  struct ends_home {
    std::optional<lull::participant>* home;
    ~ends_home() { home->reset(); }
  };
  lull::participant::set_current(&writer);
  lull::participant bystander(domain);
  CHECK(bystander.offline());
  CHECK(home->offline());
  const test::playing as_bystander(bystander);
  for (const bool home_first : {false, true}) {  // the two queues of limbo take turns
    writer.retire(made_by(*home, log));
    if (home_first) writer.retire(new ends_home{&home});
    test::pass_grace_period(writer);
    CHECK(home.has_value() != home_first);
    if (home.has_value()) CHECK(log.empty());
  }
  CHECK(log.size() == 2);  // one at home, when that left
  log.erase(log.begin());
  CHECK(log == releases{&writer});
  CHECK(lull::participant::current() == &bystander);
  CHECK_FALSE(writer.has_limbo());
  CHECK(writer.statistics().limbo_objects == 0);
  CHECK(writer.statistics().released == 2);
}

TEST_CASE_METHOD(two_houses, "a barrier waited for what the one before in its slot had sent home") {
  struct barrier : lull::detail::barrier_waiter {
    barrier() noexcept : barrier_waiter(&barrier::end) {}
    ~barrier() { unlink(); }
    static void end(lull::detail::waiter& self) noexcept {
      static_cast<barrier&>(self).over = true;
    }
    bool over = false;
  } all;
  CHECK(home->offline());
  const void* place = nullptr;
  {
    lull::participant sender(domain);
    place = sender.place();
    sender.retire(made_by(*home, log));
    test::pass_grace_period(sender, writer);
    CHECK(sender.statistics().sent_home == 1);
  }
  lull::participant newcomer(domain);
  REQUIRE(newcomer.place() == place);
  SECTION("when it has sent nothing itself") {}
  SECTION("when it has sent something too") {
    newcomer.retire(made_by(writer, log));
    test::pass_grace_period(newcomer, writer);
    CHECK(released_by(writer) == 1);
  }
  newcomer.await_barrier(all);
  test::pass_grace_period(newcomer, writer);
  CHECK(all.over);
  CHECK(log.size() == newcomer.statistics().sent_home);
  home->online();
  newcomer.retire(made_by(*home, log));
  newcomer.await_barrier(all);
  test::pass_grace_period(newcomer, writer, *home);
  CHECK(released_by(*home) == 2);  // those of both who had the slot
  newcomer.quiescent();
  CHECK_FALSE(newcomer.has_limbo());
}

TEST_CASE_METHOD(two_houses, "what a leaving one made was at home with the next in its slot") {
  struct makes_another {
    releases* log;
    test::at_home** made;
    ~makes_another() { *made = new test::at_home(*log); }
  };
  test::at_home* made = nullptr;
  const void* const place = home->place();
  CHECK(writer.offline());
  home->retire(new makes_another{&log, &made});
  home.reset();
  REQUIRE(made != nullptr);
  writer.online();
  lull::participant newcomer(domain);
  REQUIRE(newcomer.place() == place);
  writer.retire(made);
  test::pass_grace_period(writer, newcomer);
  test::pass_grace_period(writer, newcomer);
  CHECK(log == releases{&writer});
}

namespace {

// Somebody joins where the home leaves.
struct moves_in {
  two_houses* all;
  std::optional<lull::participant>* next;
  ~moves_in() {
    all->home.reset();
    next->emplace(all->domain);
  }
};

}  // namespace

TEST_CASE_METHOD(two_houses, "what was on its way home came to another that had joined meanwhile") {
  std::optional<lull::participant> next;
  lull::participant::set_current(&writer);  // not the home, which goes
  CHECK(home->offline());
  for (int i = 0; i < 2; ++i) {  // the two queues of limbo take turns
    writer.retire(made_by(*home, log));
    if (i != 0) writer.retire(new moves_in{this, &next});
    test::pass_grace_period(writer);
  }
  REQUIRE(next);
  test::pass_grace_period(writer, *next);
  CHECK(released_by(*next) == 0);
  CHECK(released_by(writer) == 1);
}

TEST_CASE_METHOD(two_houses, "what was kept as its home left came to the next there, used again") {
  std::optional<lull::participant> sender(std::in_place, domain);
  sender.reset();
  sender.emplace(domain);  // as the next at home, the second in its slot
  std::optional<lull::participant> next;
  test::pooled one;
  {
    const test::playing as_home(*home);
    std::construct_at(&one);
  }
  lull::participant::set_current(&*sender);  // not the home, which goes
  CHECK(writer.offline());
  CHECK(home->offline());
  sender->retire(made_by(writer, log));  // the two queues of limbo take turns
  test::pass_grace_period(*sender);
  sender->retire(&one);
  sender->retire(new moves_in{this, &next});
  test::pass_grace_period(*sender);
  REQUIRE(next);
  CHECK(one.released_by == &*sender);
  one.released_by = nullptr;
  sender->retire(&one);
  for (int i = 0; i < 2; ++i) test::pass_grace_period(*sender, *next);
  CHECK(one.released_by == &*sender);
}
