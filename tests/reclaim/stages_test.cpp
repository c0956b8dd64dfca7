// SPDX-License-Identifier: MIT
#include <lull/reclaim/stages.hpp>

#include <catch2/catch_test_macros.hpp>

using lull::detail::stages;

namespace {

constexpr bool somebody_holds = true;
constexpr bool nobody_holds = false;

}  // namespace

TEST_CASE("a batch is due when what is complete is past its tag") {
  stages queue;
  CHECK(queue.all() == 0);
  CHECK(queue.wanted() == 0);
  queue.close(3, 7);
  CHECK(queue.all() == 3);
  CHECK(queue.wanted() == 8);
  queue.mark_due({7, nobody_holds});
  CHECK(queue.due() == 0);
  queue.mark_due({8, nobody_holds});
  CHECK(queue.due() == 3);
  CHECK(queue.wanted() == 0);
}

TEST_CASE("two tags wait at a time, and become due one by one or together") {
  stages queue;
  queue.close(3, 7);
  queue.close(2, 7);
  CHECK_FALSE(queue.has_two_tags());
  queue.close(4, 8);
  CHECK(queue.has_two_tags());
  CHECK(queue.wanted() == 9);
  SECTION("one by one") {
    queue.mark_due({8, nobody_holds});
    CHECK(queue.due() == 5);
    CHECK_FALSE(queue.has_two_tags());
    CHECK(queue.wanted() == 9);
  }
  SECTION("together") {}
  queue.mark_due({9, nobody_holds});
  CHECK(queue.due() == 9);
  CHECK(queue.wanted() == 0);
}

TEST_CASE("with a third tag what is older waits for the second") {
  stages queue;
  queue.close(1, 7);
  queue.close(2, 8);
  queue.close(4, 9);
  CHECK(queue.all() == 7);
  queue.mark_due({8, nobody_holds});
  CHECK(queue.due() == 0);
  queue.mark_due({9, nobody_holds});
  CHECK(queue.due() == 3);
  queue.mark_due({10, nobody_holds});
  CHECK(queue.due() == 7);
}

TEST_CASE("what is due is clear at once when nobody held anything") {
  stages queue;
  queue.close(3, 7);
  queue.mark_due({8, nobody_holds});
  CHECK(queue.clear() == 3);
  CHECK(queue.unclear() == 0);
}

TEST_CASE("what is due while something is held is clear after a gather that began later") {
  stages queue;
  queue.close(3, 7);
  queue.mark_due({8, somebody_holds});
  CHECK(queue.clear() == 0);
  CHECK(queue.unclear() == 3);
  queue.begin_gather();
  queue.close(2, 8);
  queue.mark_due({9, somebody_holds});  // due too late for this gather
  CHECK(queue.unclear() == 5);
  CHECK(queue.clear() == 0);
  queue.end_gather();
  CHECK(queue.clear() == 3);
  CHECK(queue.unclear() == 2);
  queue.end_gather();  // the end of one that never began clears nothing
  CHECK(queue.clear() == 3);
  queue.begin_gather();
  queue.end_gather();
  CHECK(queue.clear() == 5);
}

TEST_CASE("an epoch in which nobody held anything clears all that is due, also during a gather") {
  stages queue;
  queue.close(3, 7);
  queue.mark_due({8, somebody_holds});
  queue.begin_gather();
  queue.mark_due({9, nobody_holds});
  CHECK(queue.clear() == 3);
  queue.close(2, 9);
  queue.mark_due({10, somebody_holds});
  queue.end_gather();
  CHECK(queue.clear() == 3);  // the gather knows nothing of the other two
  CHECK(queue.unclear() == 2);
}

TEST_CASE("a new owner has gathered nothing") {
  stages queue;
  queue.close(3, 7);
  queue.mark_due({8, somebody_holds});
  queue.begin_gather();
  queue.end_gather();
  queue.close(1, 8);
  queue.mark_due({9, somebody_holds});
  queue.begin_gather();
  queue.forget_gather();
  CHECK(queue.clear() == 0);
  CHECK(queue.unclear() == 4);
  queue.end_gather();
  CHECK(queue.clear() == 0);
}

TEST_CASE("what has passed is gone, and is counted") {
  stages queue;
  queue.close(3, 7);
  queue.close(4, 8);
  CHECK(queue.closed_so_far() == 7);
  CHECK(queue.gone_so_far() == 0);
  queue.mark_due({8, nobody_holds});
  queue.pass(2);
  CHECK(queue.clear() == 1);
  CHECK(queue.all() == 5);
  CHECK(queue.closed_so_far() == 7);
  CHECK(queue.gone_so_far() == 2);
}
