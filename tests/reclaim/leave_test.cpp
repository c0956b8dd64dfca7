// SPDX-License-Identifier: MIT
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <thread>
#include <vector>

#include "../allocations.hpp"
#include "helpers.hpp"

TEST_CASE("the last to leave releases what it retired") {
  lull::domain domain;
  bool gone = false;
  {
    lull::participant me(domain);
    me.retire(new test::tracked(gone));
  }
  CHECK(gone);
  CHECK(domain.statistics().orphans == 0);
}

TEST_CASE("one who leaves while a reader is online leaves its limbo to that reader") {
  lull::domain domain;
  lull::participant reader(domain);
  bool gone = false;
  {
    lull::participant leaver(domain);
    leaver.retire(new test::tracked(gone));
  }
  CHECK_FALSE(gone);
  CHECK(domain.statistics().orphans == 1);
  reader.quiescent();  // announces, looks, adopts
  CHECK(domain.statistics().orphans == 0);
  CHECK(reader.statistics().adopted == 1);
  CHECK(reader.statistics().limbo_objects_high == 1);
  CHECK(reader.drive());
  CHECK(gone);
  CHECK(reader.statistics().released == 1);
  CHECK(reader.statistics().limbo_bytes == 0);
}

TEST_CASE("going offline finds what was left behind and comes back to release it") {
  lull::domain domain;
  lull::participant reader(domain);
  bool gone = false;
  {
    lull::participant leaver(domain);
    leaver.retire(new test::tracked(gone));
  }
  CHECK_FALSE(reader.offline());
  CHECK(reader.is_online());
  CHECK(reader.has_limbo());
  CHECK(reader.drive());
  CHECK(gone);
  CHECK(reader.offline());
  reader.online();
}

TEST_CASE("when all others are offline the one who leaves releases by itself") {
  lull::domain domain;
  lull::participant sleeper(domain);
  CHECK(sleeper.offline());
  bool gone = false;
  {
    lull::participant leaver(domain);
    leaver.retire(new test::tracked(gone));
  }
  CHECK(gone);
  sleeper.online();
  CHECK_FALSE(sleeper.has_limbo());
}

TEST_CASE("adopted limbo keeps its tag: the adopter's own grace period is not enough") {
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant adopter(domain);
  bool gone = false;
  {
    lull::participant leaver(domain);
    leaver.retire(new test::tracked(gone));
  }
  for (int i = 0; i < 5; ++i) adopter.quiescent();
  CHECK(adopter.statistics().adopted == 1);
  CHECK_FALSE(gone);  // the reader may still use it
  reader.quiescent();
  CHECK(adopter.drive());
  CHECK(gone);
}

TEST_CASE("adopted limbo is handed on when the adopter leaves too") {
  lull::domain domain;
  lull::participant reader(domain);
  bool gone = false;
  {
    std::optional<lull::participant> adopter(std::in_place, domain);
    {
      lull::participant leaver(domain);
      leaver.retire(new test::tracked(gone));
    }
    adopter->quiescent();
    CHECK(adopter->statistics().adopted == 1);
    adopter.reset();
  }
  CHECK_FALSE(gone);
  CHECK(domain.statistics().orphans == 1);
  reader.quiescent();
  test::pass_grace_period(reader);
  CHECK(gone);
}

TEST_CASE("one who leaves while offline hands its limbo over as well") {
  lull::domain domain;
  lull::participant reader(domain);
  bool gone = false;
  {
    lull::participant leaver(domain);
    leaver.retire(new test::tracked(gone));
    CHECK(leaver.offline());
  }
  CHECK_FALSE(gone);
  test::pass_grace_period(reader);
  CHECK(gone);
}

TEST_CASE("a deleter that retires while its participant leaves is released too") {
  lull::domain domain;
  std::size_t released = 0;
  struct chain {
    std::size_t* released;
    int left;
    ~chain() {
      ++*released;
      if (left > 0) lull::participant::current()->retire(new chain{released, left - 1});
    }
  };
  {
    lull::participant me(domain);
    me.retire(new chain{&released, 20});
  }
  CHECK(released == 21);
}

TEST_CASE("a deleter that runs while its participant leaves runs online") {
  lull::domain domain;
  bool online = false;
  {
    lull::participant me(domain);
    me.retire(
        &online, 1, +[](void* at) noexcept {
          *static_cast<bool*>(at) = lull::participant::current()->is_online();
        });
  }
  CHECK(online);
}

TEST_CASE("leaving needs no memory") {
  test::need_allocations();
  lull::domain domain;
  lull::participant reader(domain);
  bool gone = false;
  bool other_gone = false;
  {
    std::optional<lull::participant> first(std::in_place, domain);
    std::optional<lull::participant> second(std::in_place, domain);
    first->retire(new test::tracked(gone));
    second->retire(new test::tracked(other_gone));
    const test::failing_allocations none(0);
    first.reset();
    second.reset();
    CHECK_FALSE(none.met());
  }
  test::pass_grace_period(reader);
  CHECK(gone);
  CHECK(other_gone);
}

TEST_CASE("participants come and go in any order, and nothing stays behind") {
  lull::domain domain;
  std::size_t released = 0;
  std::size_t retired = 0;
  std::uint32_t seed = 12345;
  const auto random = [&seed](std::uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
  };
  std::vector<std::unique_ptr<lull::participant>> all;
  for (int step = 0; step < 20'000; ++step) {
    if (all.size() < 2 || (all.size() < 10 && random(20) == 0)) {
      all.push_back(std::make_unique<lull::participant>(domain));
      lull::participant::set_current(nullptr);  // it plays in its turns alone
      continue;
    }
    lull::participant& one = *all[random(static_cast<std::uint32_t>(all.size()))];
    const test::playing as_one(one);
    switch (random(12)) {
      case 0:
        if (one.is_online()) one.offline();
        break;
      case 1:
        std::erase_if(all, [&](const auto& each) { return each.get() == &one; });
        break;
      case 2:
        if (one.is_online()) one.drive();
        break;
      case 3:
      case 4:
      case 5:
        if (!one.is_online()) one.online();
        one.quiescent();
        break;
      default:
        if (!one.is_online()) break;
        one.retire(new test::counted(released));
        ++retired;
    }
  }
  all.clear();
  CHECK(released == retired);
  CHECK(domain.statistics().orphans == 0);
  CHECK(domain.statistics().slots <= 10);
}
