// SPDX-License-Identifier: MIT

// Memory fails while something is held: what throws has changed nothing, and nothing is lost.

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "../allocations.hpp"
#include "holds.hpp"

using lull::participant;

namespace {

struct counting_deleter {
  std::string name;  // too long for the string itself
  std::size_t* count;
  void operator()(int* object) const noexcept {
    if (name == "a name that is too long to lie in the string") ++*count;
    delete object;
  }
};

struct linked_counted : lull::retirable<linked_counted> {
  explicit linked_counted(std::size_t& released) noexcept : count(&released) {}
  ~linked_counted() { ++*count; }
  std::size_t* count;
};

}  // namespace

TEST_CASE("a hold that finds no memory throws, and nothing has changed") {
  test::need_allocations();
  for (std::size_t passes = 0;; ++passes) {
    CAPTURE(passes);
    lull::domain domain;
    participant me(domain);
    bool gone = false;
    auto* const object = new test::tracked(gone);
    std::vector<lull::hold<test::tracked>> before;
    const std::size_t full = 2 * lull::limits::hold_cells;
    before.reserve(full);
    for (std::size_t i = 0; i < full; ++i) before.push_back(test::hold_of(object));
    std::optional<lull::hold<test::tracked>> held;
    bool thrown = false;
    bool met = false;
    {
      const test::failing_allocations few(passes);
      try {
        held.emplace(lull::ref<test::tracked>(object));
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      met = few.met();
    }
    CHECK(thrown == met);
    CHECK(held.has_value() == !thrown);
    CHECK(me.statistics().holds == full + (thrown ? 0 : 1));
    before.clear();
    me.retire(object);
    CHECK(me.drive() == thrown);
    CHECK(gone == thrown);
    held.reset();
    CHECK(me.drive());
    CHECK(gone);
    if (!met) break;
  }
}

TEST_CASE("copying, moving and dropping a hold needs no memory") {
  test::need_allocations();
  lull::domain domain;
  participant me(domain);
  bool gone = false;
  auto* const object = new test::tracked(gone);
  lull::hold first = test::hold_of(object);
  bool met = true;
  {
    const test::failing_allocations none(0);
    lull::hold second = first;
    lull::hold third = std::move(second);
    first = third;
    first.drop();
    met = none.met();
  }
  CHECK_FALSE(met);
  CHECK(me.statistics().holds == 0);
  me.retire(object);
  CHECK(me.drive());
}

TEST_CASE("memory that fails while held objects are gathered and kept loses nothing") {
  test::need_allocations();
  constexpr std::size_t each = 40;
  for (std::size_t passes = 0; passes < 3 * each + 20; ++passes) {
    CAPTURE(passes);
    lull::domain domain;
    participant me(domain);
    std::size_t released = 0;
    std::vector<lull::hold<test::counted>> plain;
    std::vector<lull::hold<int>> stateful;
    std::vector<lull::hold<linked_counted>> linked;
    me.reserve(10 * each);
    for (std::size_t i = 0; i < each; ++i) {
      plain.push_back(test::hold_of(new test::counted(released)));
      std::unique_ptr<int, counting_deleter> owned(
          new int(1), counting_deleter{"a name that is too long to lie in the string", &released});
      stateful.push_back(test::hold_of(owned.get()));
      linked.push_back(test::hold_of(new linked_counted(released)));
      me.retire(plain.back().get());
      me.retire(std::move(owned));
      me.retire(linked.back().get());
      me.retire(new test::counted(released));  // nobody holds these
    }
    {
      const test::failing_allocations few(passes);
      static_cast<void>(me.drive());
      me.quiescent(test::at_most(1'000'000));
    }
    REQUIRE(released <= each);
    const auto now = me.statistics();
    REQUIRE(now.limbo_objects + now.held_objects + released == 4 * each);
    static_cast<void>(test::drive_to_the_end(me));
    REQUIRE(released == each);
    REQUIRE(me.statistics().held_objects == 3 * each);
    plain.clear();
    stateful.clear();
    linked.clear();
    REQUIRE(test::drive_to_the_end(me));
    REQUIRE(released == 4 * each);
  }
}

TEST_CASE("without memory to look up what is held nothing is released, and later all is") {
  test::need_allocations();
  lull::domain domain;
  participant me(domain);
  bool gone = false;
  bool other_gone = false;
  auto* const object = new test::tracked(gone);
  lull::hold held = test::hold_of(object);
  me.retire(object);
  me.retire(new test::tracked(other_gone));
  bool all = true;
  {
    const test::failing_allocations none(0);
    all = me.drive();
  }
  CHECK_FALSE(all);
  CHECK_FALSE(gone);
  CHECK_FALSE(other_gone);
  CHECK_FALSE(me.drive());
  CHECK(other_gone);
  held.drop();
  {
    // What was kept is released without any.
    const test::failing_allocations none(0);
    static_cast<void>(me.drive());
  }
  CHECK(gone);
}
