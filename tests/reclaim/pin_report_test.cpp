// SPDX-License-Identifier: MIT

// What a report of a stall says of pins.

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <utility>

#include "helpers.hpp"

using lull::participant;
using lull::pin;
using test::tracked;

namespace {

// The last stall report of a domain.
struct last_report {
  lull::stall_report what;
  int count = 0;
  static void note(void* self, const lull::stall_report& what) noexcept {
    auto& last = *static_cast<last_report*>(self);
    last.what = what;
    ++last.count;
  }
};

}  // namespace

TEST_CASE("a stall report names the oldest pin and how long it has been there") {
  lull::manual_clock clock;
  last_report last;
  lull::domain domain({.stalls = {.threshold = std::chrono::seconds(1),
                                  .report = &last_report::note,
                                  .report_context = &last}});
  participant reader(domain);
  participant writer(domain);
  reader.use_clock(clock.source());
  writer.use_clock(clock.source());
  reader.set_label(7);
  const auto before = std::source_location::current();
  pin first(reader);
  clock.advance(std::chrono::seconds(3));
  pin second(reader);
  pin moved(std::move(first));  // keeps its place and its time
  pin third(reader);
  bool gone = false;
  writer.retire(new tracked(gone));
  for (int i = 0; i < 400 && last.count == 0; ++i) {
    reader.quiescent();
    static_cast<void>(writer.drive());
    clock.advance(std::chrono::milliseconds(500));
  }
  REQUIRE(last.count == 1);
  CHECK(last.what.participant == 7);
  CHECK(last.what.pins == 3);
  CHECK(last.what.pinned_at.line() == before.line() + 1);
  CHECK(last.what.pinned >= std::chrono::seconds(4));
  moved.drop();
  second.drop();
  third.drop();
  for (int i = 0; i < 20; ++i) {
    reader.quiescent();
    writer.quiescent();
  }
  CHECK(gone);
}
