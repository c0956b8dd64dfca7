// SPDX-License-Identifier: MIT
#include <lull/reclaim/held.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <utility>
#include <vector>

#include "../allocations.hpp"
#include "helpers.hpp"

using lull::detail::held_gather;
using lull::detail::held_object;
using lull::detail::held_search;
using lull::detail::held_set;
using lull::detail::hold_cell;

namespace {

// Three slots whose cells are taken by hand.
struct gathering {
  gathering() {
    for (lull::detail::slot*& one : joined) one = &slots.join();
  }
  ~gathering() {
    for (auto& [owner, cell] : taken) owner->cells.drop(*cell);
  }

  hold_cell& take(std::size_t which, const void* object) {
    hold_cell& cell = joined[which]->cells.take(object, std::source_location::current());
    taken.emplace_back(joined[which], &cell);
    return cell;
  }
  void drop(hold_cell& cell) {
    for (auto at = taken.begin(); at != taken.end(); ++at) {
      if (at->second != &cell) continue;
      at->first->cells.drop(cell);
      taken.erase(at);
      return;
    }
  }

  lull::detail::slot_list slots;
  lull::detail::slot* joined[3];
  std::vector<std::pair<lull::detail::slot*, hold_cell*>> taken;
  held_gather gather{slots};
  int objects[40] = {};
};

}  // namespace

TEST_CASE("a new set finds nothing") {
  const held_set found;
  const int object = 0;
  CHECK(found.find(&object) == nullptr);
  CHECK(found.find(nullptr) == nullptr);
  CHECK(found.size() == 0);
}

TEST_CASE("a set finds what was added, with its cell, and nothing else") {
  held_set found;
  std::vector<int> objects(2000);
  std::vector<hold_cell> cells(1000);
  for (std::size_t i = 0; i < cells.size(); ++i) REQUIRE(found.add(&objects[2 * i], cells[i]));
  CHECK(found.size() == cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const held_set::place* place = found.find(&objects[2 * i]);
    REQUIRE(place != nullptr);
    CHECK(place->cell == &cells[i]);
    CHECK_FALSE(place->several);
    CHECK(found.find(&objects[2 * i + 1]) == nullptr);
  }
  CHECK(found.find(nullptr) == nullptr);
  found.clear();
  CHECK(found.size() == 0);
  CHECK(found.find(&objects[0]) == nullptr);
  REQUIRE(found.add(&objects[1], cells[0]));
  CHECK(found.find(&objects[1]) != nullptr);
}

TEST_CASE("a set knows what several cells name") {
  held_set found;
  const int object = 0;
  hold_cell first;
  hold_cell second;
  REQUIRE(found.add(&object, first));
  REQUIRE(found.add(&object, second));
  CHECK(found.size() == 1);
  CHECK(found.find(&object)->cell == &first);
  CHECK(found.find(&object)->several);
}

TEST_CASE("a set that has no memory to grow stays as it was") {
  test::need_allocations();
  held_set found;
  std::vector<int> objects(100);
  hold_cell cell;
  std::size_t added = 0;
  bool good = false;
  {
    const test::failing_allocations none(0);
    good = found.add(&objects[0], cell);
  }
  CHECK_FALSE(good);
  REQUIRE(found.add(&objects[added++], cell));
  {
    const test::failing_allocations none(0);
    while (found.add(&objects[added], cell)) ++added;
  }
  CHECK(found.size() == added);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    CHECK((found.find(&objects[i]) != nullptr) == (i < added));
  }
  for (; added < objects.size(); ++added) REQUIRE(found.add(&objects[added], cell));
  for (const int& one : objects) CHECK(found.find(&one) != nullptr);
}

TEST_CASE("a set that found much once was cleared at that cost ever after") {
  test::need_allocations();
  held_set found;
  std::vector<int> objects(10'000);
  const hold_cell cell;
  for (const int& one : objects) REQUIRE(found.add(&one, cell));
  found.clear();
  REQUIRE(found.add(&objects[0], cell));
  found.clear();
  bool kept = true;
  {
    const test::failing_allocations none(0);
    kept = found.add(&objects[0], cell);
  }
  CHECK_FALSE(kept);
  CHECK(found.size() == 0);
  REQUIRE(found.add(&objects[0], cell));
  CHECK(found.find(&objects[0]) != nullptr);
}

TEST_CASE_METHOD(gathering, "a gather over slots without holds finds nothing") {
  gather.begin();
  CHECK(gather.is_walking());
  CHECK(gather.step(1));
  CHECK_FALSE(gather.is_walking());
  CHECK(gather.found().size() == 0);
  CHECK(gather.cells_in_use() == 0);
}

TEST_CASE_METHOD(gathering, "a gather finds the cells of all slots and chunks") {
  for (std::size_t i = 0; i < std::size(objects); ++i) take(i % 3, &objects[i]);
  take(2, &objects[0]);
  CHECK(gather.cells_in_use() == std::size(objects) + 1);
  gather.begin();
  CHECK(gather.step(1'000'000));
  CHECK_FALSE(gather.failed());
  CHECK(gather.found().size() == std::size(objects));
  for (const int& one : objects) {
    const held_set::place* place = gather.found().find(&one);
    REQUIRE(place != nullptr);
    CHECK(lull::detail::still_held(*place->cell, &one));
    CHECK(place->several == (&one == &objects[0]));
  }
}

TEST_CASE_METHOD(gathering, "a gather looks at no more cells than it is told, and goes on there") {
  for (std::size_t i = 0; i < std::size(objects); ++i) take(i % 3, &objects[i]);
  gather.begin();
  unsigned steps = 1;
  while (!gather.step(1)) {
    CHECK(gather.is_walking());
    CHECK(gather.found().size() <= steps);
    ++steps;
  }
  CHECK(steps >= std::size(objects));
  CHECK(gather.found().size() == std::size(objects));
}

TEST_CASE_METHOD(gathering, "what is dropped before the gather comes by is not found") {
  take(0, &objects[0]);
  hold_cell& later = take(2, &objects[1]);
  gather.begin();
  CHECK_FALSE(gather.step(1));
  drop(later);
  while (!gather.step(1)) {}
  CHECK(gather.found().find(&objects[0]) != nullptr);
  CHECK(gather.found().find(&objects[1]) == nullptr);
}

TEST_CASE_METHOD(gathering, "a gather that begins anew has forgotten what it found") {
  hold_cell& cell = take(1, &objects[0]);
  gather.begin();
  CHECK(gather.step(1'000'000));
  CHECK(gather.found().size() == 1);
  drop(cell);
  gather.begin();
  CHECK(gather.step(1'000'000));
  CHECK(gather.found().size() == 0);
}

TEST_CASE_METHOD(gathering, "a gather without memory says that it failed, and may begin anew") {
  test::need_allocations();
  take(1, &objects[0]);
  gather.begin();
  bool over = false;
  {
    const test::failing_allocations none(0);
    over = gather.step(1'000'000);
  }
  CHECK(over);
  CHECK(gather.failed());
  CHECK_FALSE(gather.is_walking());
  gather.begin();
  CHECK_FALSE(gather.failed());
  CHECK(gather.step(1'000'000));
  CHECK(gather.found().size() == 1);
}

TEST_CASE_METHOD(gathering, "a cell holds what it names, and no more when it has gone on") {
  hold_cell& cell = take(1, &objects[0]);
  CHECK(lull::detail::still_held(cell, &objects[0]));
  CHECK_FALSE(lull::detail::still_held(cell, &objects[1]));
  drop(cell);
  CHECK_FALSE(lull::detail::still_held(cell, &objects[0]));
  hold_cell& again = take(1, &objects[1]);
  REQUIRE(&again == &cell);
  CHECK_FALSE(lull::detail::still_held(cell, &objects[0]));
}

TEST_CASE_METHOD(gathering, "holders are found in whatever slot and chunk they are") {
  std::vector<held_object> dropped(std::size(objects));
  const auto look = [&](held_search& search) {
    for (std::size_t i = 0; i < std::size(objects); ++i) {
      dropped[i].object = &objects[i];
      dropped[i].several = true;
      REQUIRE(search.add(dropped[i]));
    }
    search.look(slots);
    for (std::size_t i = 0; i < std::size(objects); ++i) CHECK(search.all()[i].what == &dropped[i]);
  };
  held_search before;
  look(before);
  for (const auto& each : before.all()) CHECK(each.holder == nullptr);
  std::vector<const hold_cell*> cells;
  for (std::size_t i = 0; i < std::size(objects); ++i) cells.push_back(&take(i % 3, &objects[i]));
  held_search held;
  look(held);
  for (std::size_t i = 0; i < std::size(objects); ++i) CHECK(held.all()[i].holder == cells[i]);
  hold_cell& other = take(2, &objects[0]);
  drop(*taken.front().second);
  held_search moved;
  look(moved);
  CHECK(moved.all()[0].holder == &other);
  drop(other);
  held_search gone;
  look(gone);
  CHECK(gone.all()[0].holder == nullptr);
  CHECK(gone.all()[1].holder == cells[1]);
}

TEST_CASE("what has been dropped is looked for as far as memory goes") {
  test::need_allocations();
  std::vector<held_object> dropped(100);
  held_search search;
  std::size_t added = 0;
  {
    const test::failing_allocations none(0);
    while (search.add(dropped[added])) ++added;
  }
  CHECK(added > 0);
  CHECK(search.all().size() == added);
  CHECK(search.add(dropped[added]));
}
