// SPDX-License-Identifier: MIT
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <utility>
#include <vector>

#include "helpers.hpp"

using lull::participant;
using lull::pin;
using test::tracked;

namespace {

// A reader that pins and a writer that retires.
struct pinning {
  lull::domain domain;
  participant reader{domain};
  participant writer{domain};
  bool gone = false;
  tracked* object = new tracked(gone);

  std::uint64_t epoch() const { return domain.statistics().epoch; }
  // So many rounds in which both are quiescent.
  void pass(int rounds = 20) {
    for (int round = 0; round < rounds; ++round) {
      reader.quiescent(test::at_most(1'000'000));
      writer.quiescent(test::at_most(1'000'000));
    }
  }
};

}  // namespace

TEST_CASE_METHOD(pinning, "what is readable stays across quiescent states while a pin lives") {
  {
    const pin pinned(reader);
    writer.retire(object);
    pass();
    CHECK_FALSE(gone);
    CHECK_FALSE(writer.drive());
    CHECK_FALSE(gone);
  }
  CHECK_FALSE(gone);
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "what is retired during a pin stays too, by whomever") {
  std::size_t released = 0;
  {
    const pin pinned(reader);
    for (int i = 0; i < 10; ++i) {
      writer.retire(new test::counted(released));
      reader.retire(new test::counted(released));
      pass(2);
    }
    CHECK(released == 0);
  }
  pass();
  CHECK(released == 20);
  delete object;
}

TEST_CASE_METHOD(pinning, "under a pin the epoch moves once and then waits") {
  bool dummy = false;
  const auto before = epoch();
  std::optional<pin> pinned(reader);
  writer.retire(new tracked(dummy));
  pass();
  CHECK(epoch() <= before + 1);
  pinned.reset();
  writer.retire(object);
  pass();
  CHECK(epoch() > before + 1);
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "the epoch is announced at the first quiescent state after the drop") {
  std::optional<pin> pinned(reader);
  writer.retire(object);
  pass();
  const auto announced = reader.statistics().epochs;
  pinned.reset();
  for (int i = 0; i < 20; ++i) writer.quiescent();
  CHECK_FALSE(gone);  // not at the drop: what was read is in use until this iteration ends
  CHECK(reader.statistics().epochs == announced);
  reader.quiescent();
  CHECK(reader.statistics().epochs > announced);
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "pins of the epoch seen and of the one before are counted apart") {
  std::optional<pin> first(reader);
  writer.retire(object);
  pass();  // the epoch moves, and the reader sees it
  std::optional<pin> second(reader);
  CHECK(reader.statistics().pins == 2);
  const auto moved = epoch();
  SECTION("the later one does not hold up what the earlier one held up") {
    first.reset();
    pass();
    CHECK(gone);
    bool later_gone = false;
    writer.retire(new tracked(later_gone));
    pass();
    CHECK_FALSE(later_gone);
    CHECK(epoch() == moved + 1);  // and no further, for the second
    second.reset();
    pass();
    CHECK(later_gone);
  }
  SECTION("the earlier one holds it up though the later one has gone") {
    second.reset();
    pass();
    CHECK_FALSE(gone);
    CHECK(epoch() == moved);
    first.reset();
  }
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "nested pins keep until the last one goes") {
  std::optional<pin> outer(reader);
  std::optional<pin> inner(reader);
  writer.retire(object);
  CHECK(reader.statistics().pins == 2);
  SECTION("the inner one first") {
    inner.reset();
    pass();
    CHECK_FALSE(gone);
    outer.reset();
  }
  SECTION("the outer one first") {
    outer.reset();
    pass();
    CHECK_FALSE(gone);
    inner.reset();
  }
  CHECK(reader.statistics().pins == 0);
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "a pin can be moved and goes on where it is") {
  pin first(reader);
  writer.retire(object);
  pass();
  std::optional<pin> second(std::move(first));
  CHECK(first.is_empty());  // NOLINT: what a move leaves is part of the contract
  CHECK_FALSE(second->is_empty());
  CHECK(reader.statistics().pins == 1);
  first.drop();  // nothing
  pass();
  CHECK_FALSE(gone);
  second.reset();
  CHECK(reader.statistics().pins == 0);
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "a pin that is assigned to another ends that one") {
  pin first(reader);
  writer.retire(object);
  pass();
  pin second(reader);  // of a later epoch
  first = std::move(second);
  CHECK(reader.statistics().pins == 1);
  CHECK(second.is_empty());  // NOLINT
  pass();
  CHECK(gone);  // what only the first kept
  pin& same = first;
  first = std::move(same);
  CHECK_FALSE(first.is_empty());
  CHECK(reader.statistics().pins == 1);
  first = std::move(second);  // an empty one
  CHECK(first.is_empty());
  CHECK(reader.statistics().pins == 0);
}

TEST_CASE_METHOD(pinning, "a pin that was dropped is empty, and dropping it again does nothing") {
  pin pinned(reader);
  pinned.drop();
  CHECK(pinned.is_empty());
  CHECK(reader.statistics().pins == 0);
  pinned.drop();
  CHECK(reader.statistics().pins == 0);
  writer.retire(object);
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "a pin without an argument is the current participant's") {
  const test::playing as_writer(writer);
  const pin pinned;
  CHECK(writer.statistics().pins == 1);
  CHECK(reader.statistics().pins == 0);
  delete object;
}

TEST_CASE_METHOD(pinning, "a participant with pins does not go offline") {
  pin pinned(reader);
  writer.retire(object);
  CHECK(reader.offline());
  CHECK(reader.is_online());
  for (int i = 0; i < 20; ++i) writer.quiescent();
  CHECK_FALSE(writer.drive());
  CHECK_FALSE(gone);
  reader.quiescent();  // it goes on as one that is online
  pinned.drop();
  CHECK(reader.offline());
  CHECK_FALSE(reader.is_online());
  CHECK(writer.drive());
  CHECK(gone);
  reader.online();
}

TEST_CASE_METHOD(pinning, "going offline with pins closes the batch all the same") {
  const pin pinned(reader);
  reader.retire(object);
  CHECK(reader.statistics().retired == 0);
  CHECK(reader.offline());
  CHECK(reader.statistics().retired == 1);
}

TEST_CASE_METHOD(pinning, "one who pins may retire, and it is released after the pin") {
  pin pinned(reader);
  reader.retire(object);
  pass();
  CHECK_FALSE(reader.drive());
  CHECK_FALSE(gone);
  pinned.drop();
  pass();
  CHECK(gone);
}

TEST_CASE_METHOD(pinning, "a late announcement adopts what one left who relied on it") {
  std::optional<participant> leaver(domain);
  std::optional<pin> pinned(reader);
  writer.retire(new tracked(gone));
  for (int i = 0; i < 4; ++i) {
    leaver->quiescent();
    pass(1);
  }
  writer.offline();  // the reader is behind, and nobody else is there
  bool left_behind = false;
  leaver->retire(new tracked(left_behind));
  leaver.reset();
  CHECK(domain.statistics().orphans == 1);
  reader.quiescent();
  CHECK(domain.statistics().orphans == 1);  // not announced yet
  pinned.reset();
  reader.quiescent();
  CHECK(domain.statistics().orphans == 0);
  CHECK(reader.statistics().adopted == 1);
  CHECK(reader.drive());
  CHECK(left_behind);
  writer.online();
  pass();
  delete object;
}

TEST_CASE_METHOD(pinning, "one who sees a new epoch under a pin looks at what was left before") {
  std::optional<participant> leaver(domain);
  const pin pinned(reader);
  leaver->retire(object);
  leaver.reset();
  writer.quiescent();
  pass();
  CHECK(domain.statistics().orphans == 0);
  CHECK_FALSE(gone);
}
