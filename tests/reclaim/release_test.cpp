// SPDX-License-Identifier: MIT
#include <lull/reclaim/release.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <vector>

#include "../allocations.hpp"
#include "holds.hpp"

using lull::participant;
using lull::detail::held_set;
using lull::detail::hold_cell;
using lull::detail::release_kind;
using lull::detail::release_sink;

namespace {

std::vector<const void*> sunk;

void note_sunk(void** entries, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) sunk.push_back(entries[2 * i]);
}
constexpr release_kind pair_kind{&note_sunk, 2, 24};

// Three entries of two words, and a set to look them up in.
struct sinking {
  sinking() {
    sunk.clear();
    for (std::size_t i = 0; i < 3; ++i) entries[2 * i] = &objects[i];
  }
  ~sinking() {
    while (from.held.size() != 0) from.held.remove(from.held.next());
  }

  lull::detail::limbo from;
  held_set found;
  hold_cell cell;
  int objects[3] = {};
  void* entries[6] = {};
};

}  // namespace

TEST_CASE_METHOD(sinking, "without anything held all entries are free") {
  CHECK(release_sink(from, nullptr, nullptr).free_entries(pair_kind, entries, 3) == 3);
  CHECK(release_sink(from, &found, nullptr).free_entries(pair_kind, entries, 3) == 3);
}

TEST_CASE_METHOD(sinking, "entries are free up to the first that is held") {
  REQUIRE(found.add(&objects[1], cell));
  const release_sink sink(from, &found, nullptr);
  CHECK(sink.free_entries(pair_kind, entries, 3) == 1);
  CHECK(sink.free_entries(pair_kind, entries + 2, 2) == 0);
  CHECK(sink.free_entries(pair_kind, entries + 4, 1) == 1);
  CHECK(sink.free_entries(pair_kind, entries, 0) == 0);
}

TEST_CASE_METHOD(sinking, "what is kept can be released later as it would have been now") {
  REQUIRE(found.add(&objects[1], cell));
  REQUIRE(found.add(&objects[1], cell));
  release_sink sink(from, &found, nullptr);
  REQUIRE(sink.keep(pair_kind, entries + 2, 24));
  CHECK(sink.kept_objects == 1);
  CHECK(sink.kept_bytes == 24);
  REQUIRE(from.held.size() == 1);
  lull::detail::held_object& one = from.held.next();
  CHECK(one.object == &objects[1]);
  CHECK(one.cell == &cell);
  CHECK(one.several);
  CHECK(one.bytes == 24);
  CHECK(one.stamp == from.held_stamp);
  sink.release(*one.kind, one.entry, 1);
  CHECK(sunk == std::vector<const void*>{&objects[1]});
}

TEST_CASE_METHOD(sinking, "without memory nothing is kept and nothing has changed") {
  test::need_allocations();
  REQUIRE(found.add(&objects[1], cell));
  release_sink sink(from, &found, nullptr);
  bool kept = true;
  {
    const test::failing_allocations none(0);
    kept = sink.keep(pair_kind, entries + 2, 24);
  }
  CHECK_FALSE(kept);
  CHECK(sink.kept_objects == 0);
  CHECK(from.held.size() == 0);
  CHECK(entries[2] == &objects[1]);
  CHECK(sink.keep(pair_kind, entries + 2, 24));
}

TEST_CASE("keeping what is held counts against the bound of a quiescent state") {
  lull::domain domain;
  participant me(domain);
  participant other(domain);
  bool gone[200] = {};
  std::vector<lull::hold<test::tracked>> held;
  for (bool& one : gone) {
    held.push_back(test::hold_of(new test::tracked(one)));
    me.retire(held.back().get());
  }
  std::size_t most = 0;
  std::size_t before = 0;
  for (int turn = 0; turn < 2000 && before < std::size(gone); ++turn) {
    me.quiescent(test::at_most(1));
    other.quiescent();
    const std::size_t now = me.statistics().held_objects;
    most = std::max(most, now - before);
    before = now;
  }
  CHECK(before == std::size(gone));
  CHECK(most > 0);
  CHECK(most <= 1 + std::size(gone) / lull::limits::release_share);
  held.clear();
  CHECK(test::drive_to_the_end(me));
  for (const bool one : gone) CHECK(one);
}

TEST_CASE("one queue of limbo waited while of the other much was held, and soon dropped") {
  struct links_itself : lull::retirable<links_itself>, test::counted {
    using test::counted::counted;
  };
  std::size_t linked = 0;
  std::size_t released = 0;
  lull::domain domain;
  lull::participant me(domain);
  std::vector<lull::hold<links_itself>> held;
  for (int i = 0; i < 400; ++i) {
    auto* const one = new links_itself(linked);
    held.push_back(test::hold_of(one));
    me.retire(one);
  }
  for (int i = 0; i < 20; ++i) me.retire(new test::counted(released));
  while (me.statistics().held_objects == 0) me.quiescent(test::at_most(4));
  for (int turn = 0; turn < 1000 && released != 20 && linked != 400; ++turn) {
    const std::size_t kept = me.statistics().held_objects + linked;
    for (std::size_t i = 0; i < kept; ++i) {
      if (!held[i].is_empty()) held[i].drop();
    }
    me.quiescent(test::at_most(4));
  }
  CHECK(released == 20);
  held.clear();
  CHECK(test::drive_to_the_end(me));
}
