// SPDX-License-Identifier: MIT

// Schedules under which other libraries that build quiescent states into a scheduler release too
// early, driven by hand in one thread. Each is named for what it shows.

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace {

// A shared pointer to an object that says when it is gone. A reader loads it; the writer unlinks
// it.
struct cell {
  bool gone = false;
  test::tracked* object = new test::tracked(gone);

  const test::tracked* load() const { return object; }
  void unlink_and_retire(lull::participant& writer) {
    writer.retire(std::exchange(object, nullptr));
  }
  ~cell() { delete object; }
};

// Whatever the writer does by itself, in every way it has.
void press(lull::participant& writer) {
  for (int i = 0; i < 10; ++i) {
    writer.quiescent();
    writer.drive();
  }
}

}  // namespace

TEST_CASE("a reader that announced the epoch and then loaded is waited for") {
  // light-qsbr and Photon count the announcement that came before the load.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  cell shared;
  reader.quiescent();                // announces the present epoch
  CHECK(shared.load() != nullptr);   // and loads after it
  shared.unlink_and_retire(writer);  // retired in that same epoch
  press(writer);
  CHECK_FALSE(shared.gone);
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
}

TEST_CASE("the last one to announce an epoch does not release what it retired in it") {
  // light-qsbr frees it in the very call that announces.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  cell earlier;
  earlier.unlink_and_retire(writer);
  writer.quiescent();  // wants, and moves the epoch
  REQUIRE(domain.statistics().epoch == 2);
  reader.quiescent();  // has announced 2: only the writer is left
  cell shared;
  CHECK(shared.load() != nullptr);  // the reader reads in epoch 2
  shared.unlink_and_retire(writer);
  writer.quiescent();  // the last announcement of 2
  CHECK(domain.statistics().complete == 2);
  CHECK(earlier.gone);
  CHECK_FALSE(shared.gone);
  press(writer);
  CHECK_FALSE(shared.gone);
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
}

TEST_CASE("a retire waits for readers of the present epoch, not only of the ones before") {
  // Photon's synchronize waits for those below the old counter; the reader is at the new one.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant other(domain);
  lull::participant writer(domain);
  cell earlier;
  earlier.unlink_and_retire(writer);
  writer.quiescent();
  reader.quiescent();  // at 2, while `other` still is at 1
  cell shared;
  CHECK(shared.load() != nullptr);
  shared.unlink_and_retire(writer);
  writer.quiescent();
  other.quiescent();
  press(writer);
  other.quiescent();
  press(writer);
  CHECK(earlier.gone);
  CHECK_FALSE(shared.gone);
  reader.quiescent();
  other.quiescent();
  press(writer);
  CHECK(shared.gone);
}

TEST_CASE("one that announced and then went offline is not counted twice") {
  // light-qsbr counts it out again, so the epoch moves although another never announced.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant other(domain);
  lull::participant writer(domain);
  cell shared;
  CHECK(shared.load() != nullptr);
  shared.unlink_and_retire(writer);
  writer.quiescent();
  other.quiescent();
  CHECK(other.offline());
  press(writer);
  CHECK_FALSE(shared.gone);
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
  other.online();
}

TEST_CASE("no order of announce, offline, online and leave stands in for a silent reader") {
  // Every sequence of up to six steps by another participant, with the writer pressing after each.
  const std::string steps = "qofjl";
  int sequences = 0;
  const auto run = [&](const std::string& sequence) {
    cell shared;
    lull::domain domain;
    lull::participant reader(domain);
    lull::participant writer(domain);
    std::optional<lull::participant> other(std::in_place, domain);
    CHECK(shared.load() != nullptr);
    shared.unlink_and_retire(writer);
    writer.quiescent();
    for (const char step : sequence) {
      const bool online = other.has_value() && other->is_online();
      if (step == 'q' && online)
        other->quiescent();
      else if (step == 'f' && online)
        static_cast<void>(other->offline());
      else if (step == 'o' && other.has_value() && !online)
        other->online();
      else if (step == 'l' && other.has_value())
        other.reset();
      else if (step == 'j' && !other.has_value())
        other.emplace(domain);
      else
        return;  // the step does not apply: another sequence covers the rest
      press(writer);
      REQUIRE_FALSE(shared.gone);
    }
    ++sequences;
    reader.quiescent();
    if (other.has_value() && other->is_online()) other->quiescent();
    press(writer);
    REQUIRE(shared.gone);
  };
  const std::function<void(std::string)> all = [&](std::string sequence) {
    run(sequence);
    if (sequence.size() == 6) return;
    for (const char step : steps) all(sequence + step);
  };
  all("");
  CHECK(sequences > 200);
}

TEST_CASE("one that comes back does not retire with the epoch of before") {
  // light-qsbr refreshes nothing on coming back, so leaving then frees with no grace period.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant other(domain);
  std::optional<lull::participant> sleeper(std::in_place, domain);
  CHECK(sleeper->offline());
  for (int i = 0; i < 5; ++i) {  // several epochs pass
    cell passing;
    passing.unlink_and_retire(other);
    test::pass_grace_period(other, reader);
    REQUIRE(passing.gone);
  }
  cell shared;
  CHECK(shared.load() != nullptr);  // the reader
  sleeper->online();
  shared.unlink_and_retire(*sleeper);
  SECTION("and leaves at once") { sleeper.reset(); }
  SECTION("and passes quiescent states") { press(*sleeper); }
  SECTION("and sleeps again") { static_cast<void>(sleeper->offline()); }
  other.quiescent();
  press(other);
  CHECK_FALSE(shared.gone);
  if (sleeper.has_value() && !sleeper->is_online()) sleeper->online();
  for (int i = 0; i < 4; ++i) {
    reader.quiescent();
    press(other);
    if (sleeper.has_value()) press(*sleeper);
  }
  CHECK(shared.gone);
}

TEST_CASE("a newcomer in the middle of an epoch does not stand in for one that is silent") {
  // light-qsbr swaps a count and then the epoch: who joins between the two passes twice.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  cell shared;
  CHECK(shared.load() != nullptr);
  shared.unlink_and_retire(writer);
  writer.quiescent();  // the epoch has moved, the reader has not announced it
  for (int i = 0; i < 5; ++i) {
    lull::participant newcomer(domain);
    newcomer.quiescent();
    press(writer);
    newcomer.quiescent();
    press(writer);
    REQUIRE_FALSE(shared.gone);
  }
  CHECK_FALSE(shared.gone);
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
}

TEST_CASE("a newcomer that reads before the unlink is waited for") {
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  cell earlier;
  earlier.unlink_and_retire(writer);
  writer.quiescent();  // the epoch has moved
  lull::participant newcomer(domain);
  cell shared;
  CHECK(shared.load() != nullptr);  // the newcomer
  shared.unlink_and_retire(writer);
  for (int i = 0; i < 10; ++i) {
    reader.quiescent();
    press(writer);
  }
  CHECK(earlier.gone);
  CHECK_FALSE(shared.gone);
  newcomer.quiescent();
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
}

TEST_CASE("an idle participant that sleeps holds nobody up") {
  lull::domain domain;
  lull::participant sleeper(domain);
  lull::participant writer(domain);
  CHECK(sleeper.offline());
  for (int i = 0; i < 100; ++i) {
    cell shared;
    shared.unlink_and_retire(writer);
    CHECK(writer.drive());
    REQUIRE(shared.gone);
  }
  sleeper.online();
}

TEST_CASE("what one retires before it idles is released by its drive, with no help") {
  lull::domain domain;
  lull::participant sleeper(domain);
  lull::participant once(domain);
  CHECK(sleeper.offline());
  cell shared;
  shared.unlink_and_retire(once);
  CHECK(once.drive());
  CHECK(shared.gone);
  CHECK(once.offline());
  once.online();
  sleeper.online();
}

TEST_CASE("an object that was read in one online time is not protected by the next") {
  // The slot's value of before must not be taken for an announcement of now, nor the other way.
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  cell shared;
  CHECK(reader.offline());
  shared.unlink_and_retire(writer);
  reader.online();  // after the unlink: cannot have loaded it
  reader.quiescent();
  press(writer);
  reader.quiescent();
  press(writer);
  CHECK(shared.gone);
}
