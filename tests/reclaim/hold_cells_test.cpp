// SPDX-License-Identifier: MIT
#include <lull/reclaim/hold_cells.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <set>
#include <vector>

#include "../allocations.hpp"

using lull::detail::hold_cell;
using lull::detail::hold_cells;
using lull::detail::hold_chunk;

namespace {

std::size_t chunks_of(const hold_cells& cells) {
  std::size_t count = 0;
  for (const hold_chunk* at = cells.first(); at != nullptr;
       at = at->next.load(std::memory_order_acquire)) {
    ++count;
  }
  return count;
}

std::vector<const void*> published(const hold_cells& cells) {
  std::vector<const void*> all;
  for (const hold_chunk* at = cells.first(); at != nullptr;
       at = at->next.load(std::memory_order_acquire)) {
    for (const hold_cell& one : at->cells) {
      if (const void* object = one.object.load(std::memory_order_acquire)) all.push_back(object);
    }
  }
  return all;
}

std::size_t cells_used(const hold_cells& cells) { return cells.in_use().load(); }

const std::source_location some_place = std::source_location::current();

}  // namespace

TEST_CASE("without a hold there are no cells") {
  const hold_cells cells;
  CHECK(cells.first() == nullptr);
  CHECK(cells_used(cells) == 0);
  CHECK(cells.any_in_use().line() == 0);
}

TEST_CASE("a cell that is taken publishes its object, until its last holder drops it") {
  hold_cells cells;
  const int object = 0;
  hold_cell& cell = cells.take(&object, some_place);
  CHECK(published(cells) == std::vector<const void*>{&object});
  CHECK(cells_used(cells) == 1);
  ++cell.holders;
  cells.drop(cell);
  CHECK(published(cells).size() == 1);
  CHECK(cells_used(cells) == 1);
  cells.drop(cell);
  CHECK(published(cells).empty());
  CHECK(cells_used(cells) == 0);
}

TEST_CASE("a cell that was dropped is the next one taken") {
  hold_cells cells;
  const int objects[2] = {};
  hold_cell& first = cells.take(&objects[0], some_place);
  cells.drop(first);
  hold_cell& second = cells.take(&objects[1], some_place);
  CHECK(&second == &first);
  CHECK(second.holders == 1);
  CHECK(published(cells) == std::vector<const void*>{&objects[1]});
  CHECK(chunks_of(cells) == 1);
  cells.drop(second);
}

TEST_CASE("cells grow in chunks that never move") {
  hold_cells cells;
  constexpr std::size_t count = 4 * lull::limits::hold_cells + 1;
  std::vector<int> objects(count);
  std::vector<hold_cell*> taken;
  for (std::size_t i = 0; i < count; ++i) {
    taken.push_back(&cells.take(&objects[i], some_place));
    CHECK(chunks_of(cells) == i / lull::limits::hold_cells + 1);
    CHECK(cells_used(cells) == i + 1);
  }
  CHECK(std::set<hold_cell*>(taken.begin(), taken.end()).size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK(taken[i]->object.load() == &objects[i]);
  std::vector<const void*> all = published(cells);
  CHECK(std::set<const void*>(all.begin(), all.end()).size() == count);
  for (hold_cell* one : taken) cells.drop(*one);
  CHECK(cells_used(cells) == 0);
  // What there is serves again before more is allocated.
  for (hold_cell*& one : taken) one = &cells.take(&objects[0], some_place);
  CHECK(chunks_of(cells) == 5);
  for (hold_cell* one : taken) cells.drop(*one);
}

TEST_CASE("the place of one that is in use can be asked for") {
  hold_cells cells;
  const int object = 0;
  const auto before = std::source_location::current();
  hold_cell& first = cells.take(&object, before);
  const auto after = std::source_location::current();
  hold_cell& second = cells.take(&object, after);
  cells.drop(first);
  CHECK(cells.any_in_use().line() == after.line());
  cells.drop(second);
  CHECK(cells.any_in_use().line() == 0);
}

TEST_CASE("without memory for another chunk no cell is taken and nothing has changed") {
  test::need_allocations();
  hold_cells cells;
  const int object = 0;
  std::vector<hold_cell*> taken;
  for (std::size_t i = 0; i < 2 * lull::limits::hold_cells; ++i) {
    taken.push_back(&cells.take(&object, some_place));
  }
  bool thrown = false;
  {
    const test::failing_allocations none(0);
    try {
      static_cast<void>(cells.take(&object, some_place));
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
  }
  CHECK(thrown);
  CHECK(cells_used(cells) == taken.size());
  CHECK(chunks_of(cells) == 2);
  taken.push_back(&cells.take(&object, some_place));
  CHECK(chunks_of(cells) == 3);
  for (hold_cell* one : taken) cells.drop(*one);
}
