// SPDX-License-Identifier: MIT

// Reports of who holds up a domain: driven by hand with a clock that stands still; then with
// threads that do nothing wrong, and one that does.

#include <lull/reclaim/stall.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

lull::domain_options reporting_to(std::vector<lull::stall_report>& list) {
  lull::domain_options options;
  options.stalls.report = [](void* into, const lull::stall_report& what) noexcept {
    static_cast<std::vector<lull::stall_report>*>(into)->push_back(what);
  };
  options.stalls.report_context = &list;
  return options;
}

// Participants with the labels 10, 11, ... in one thread.
struct watched {
  explicit watched(std::size_t count = 8) {
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(std::make_unique<lull::participant>(domain));
      all.back()->use_clock(clock.source());
      all.back()->set_label(10 + static_cast<std::uint32_t>(i));
    }
  }
  explicit watched(const lull::domain_options& options) : domain(options) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      all.push_back(std::make_unique<lull::participant>(domain));
      all.back()->use_clock(clock.source());
      all.back()->set_label(10 + i);
    }
  }

  // All but one pass quiescent states, often enough that a look at the clock is among them.
  void pass_without(const lull::participant* stalled) {
    for (unsigned i = 0; i < 2 * lull::limits::blocked_turns; ++i) {
      for (auto& one : all) {
        if (one.get() != stalled) one->quiescent();
      }
    }
  }
  // The same for as long as `time`, in tenths of a second.
  void stall_for(std::chrono::milliseconds time, const lull::participant* stalled) {
    pass_without(stalled);
    for (auto passed = 0ms; passed < time; passed += 100ms) {
      clock.advance(100ms);
      pass_without(stalled);
    }
  }

  std::vector<lull::stall_report> reports;
  lull::manual_clock clock;
  lull::domain domain{reporting_to(reports)};
  std::vector<std::unique_ptr<lull::participant>> all;
};

}  // namespace

TEST_CASE("of a hundred stalls a hundred are named right: a pin with its place, or a participant") {
  watched on;
  std::uint32_t seed = 4711;
  const auto random = [&seed](std::uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
  };
  for (int round = 0; round < 100; ++round) {
    const std::uint32_t which = random(8);
    lull::participant& victim = *on.all[which];
    lull::participant& writer = *on.all[(which + 1 + random(7)) % 8];
    const bool by_pin = random(2) == 0;
    std::optional<lull::pin> walk;
    const auto here = std::source_location::current();
    if (by_pin) walk.emplace(victim, here);
    on.reports.clear();
    writer.retire(new int, 1000);
    on.stall_for(1500ms, by_pin ? nullptr : &victim);
    REQUIRE(on.reports.size() == 1);
    const lull::stall_report& report = on.reports[0];
    REQUIRE(report.participant == 10 + which);
    REQUIRE(report.reporter != report.participant);
    REQUIRE(report.lasted >= 1s);
    REQUIRE(report.pins == (by_pin ? 1 : 0));
    REQUIRE(report.objects == 1);
    REQUIRE(report.bytes == 1000);
    REQUIRE(on.all[report.where[0].participant - 10].get() == &writer);
    REQUIRE(report.where[0].bytes == 1000);
    REQUIRE(report.where[1].bytes == 0);
    if (by_pin) {
      REQUIRE(report.pinned_at.line() == here.line());
      REQUIRE(report.pinned_at.file_name() == std::string(here.file_name()));
      REQUIRE(report.pinned >= 1s);
    }
    walk.reset();
    on.pass_without(nullptr);
    on.clock.advance(10s);
    on.pass_without(nullptr);
    REQUIRE(on.reports.size() == 1);
  }
  CHECK(on.domain.statistics().stall_reports == 100);
  CHECK(on.domain.statistics().limbo_objects == 0);
}

TEST_CASE("a stall is reported once an interval, however many wait") {
  watched on;
  for (std::size_t i = 1; i < 8; ++i) on.all[i]->retire(new int);
  on.stall_for(900ms, on.all[0].get());
  CHECK(on.reports.empty());
  on.stall_for(9s, on.all[0].get());
  CHECK(on.reports.size() == 1);
  on.stall_for(2s, on.all[0].get());
  CHECK(on.reports.size() == 2);
  on.stall_for(10s, on.all[0].get());
  CHECK(on.reports.size() == 3);
  on.pass_without(nullptr);
}

TEST_CASE("two who stall one after the other are each reported") {
  watched on;
  on.all[7]->retire(new int);
  on.stall_for(1200ms, on.all[2].get());
  on.pass_without(nullptr);
  on.all[7]->retire(new int);
  on.stall_for(1200ms, on.all[5].get());
  REQUIRE(on.reports.size() == 2);
  CHECK(on.reports[0].participant == 12);
  CHECK(on.reports[1].participant == 15);
  on.pass_without(nullptr);
}

TEST_CASE("who passes now and then does not stall, nor does one who is offline") {
  std::size_t released = 0;
  watched on;
  CHECK(on.all[3]->offline());
  for (int i = 0; i < 100; ++i) {
    on.all[1]->retire(new test::counted(released));
    for (unsigned calls = 0; calls < 2 * lull::limits::blocked_turns; ++calls) {
      on.all[1]->quiescent();
    }
    on.clock.advance(900ms);
    for (auto& one : on.all) {
      if (one->is_online()) one->quiescent();
    }
  }
  CHECK(on.reports.empty());
  CHECK(released > 10);
  on.all[3]->online();
}

TEST_CASE("who is in the way in one epoch after the other has not stalled") {
  watched on(3);
  lull::participant& laggard = *on.all[0];
  lull::participant& watcher = *on.all[1];
  lull::participant& mover = *on.all[2];
  for (int round = 0; round < 20; ++round) {
    static_cast<void>(watcher.ticket());
    static_cast<void>(mover.ticket());
    for (unsigned i = 0; i < 2 * lull::limits::blocked_turns; ++i) watcher.quiescent();
    on.clock.advance(600ms);
    // The laggard passes, and the watcher is not there to see that nobody was in the way.
    const std::uint64_t before = on.domain.statistics().epoch;
    laggard.quiescent();
    for (int i = 0; i < 3 && on.domain.statistics().epoch == before; ++i) mover.quiescent();
  }
  CHECK(on.domain.statistics().epoch > 10);
  CHECK(on.reports.empty());
}

TEST_CASE("nobody is reported while nobody waits") {
  watched on;
  on.stall_for(5s, on.all[0].get());
  CHECK(on.reports.empty());
}

TEST_CASE("the participants with most bytes come first in a report, eight at most") {
  watched on(12);
  for (std::size_t i = 1; i < 12; ++i) on.all[i]->retire(new int, i * 100);
  on.stall_for(1200ms, on.all[0].get());
  REQUIRE(on.reports.size() == 1);
  const lull::stall_report& report = on.reports[0];
  CHECK(report.bytes == 100 * 66);
  CHECK(report.objects == 11);
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(report.where[i].participant == 21 - i);
    CHECK(report.where[i].bytes == (11 - i) * 100);
  }
  on.pass_without(nullptr);
}

TEST_CASE("a newcomer that stalls was not reported when the one before in its slot had been") {
  watched on;
  on.all[1]->retire(new int);
  on.stall_for(1200ms, on.all[0].get());
  REQUIRE(on.reports.size() == 1);
  on.all[0].reset();
  on.all[0] = std::make_unique<lull::participant>(on.domain);
  on.all[0]->use_clock(on.clock.source());
  on.all[0]->set_label(99);
  REQUIRE(on.domain.statistics().slots == 8);
  on.pass_without(nullptr);
  on.all[1]->retire(new int);
  on.stall_for(1200ms, on.all[0].get());
  REQUIRE(on.reports.size() == 2);
  CHECK(on.reports[1].participant == 99);
  on.pass_without(nullptr);
}

TEST_CASE("the scheduler's hook adds what it knows before the report is given") {
  std::vector<lull::stall_report> reports;
  lull::domain_options options = reporting_to(reports);
  options.stalls.threshold = 100ms;
  options.stalls.describe = [](void* name, lull::stall_report& report) noexcept {
    std::snprintf(report.task.data(), report.task.size(), "%s", static_cast<const char*>(name));
    report.running = std::chrono::milliseconds(report.participant);
  };
  static char task_name[] = "serve";
  options.stalls.describe_context = task_name;
  watched on(options);
  on.all[1]->retire(new int);
  on.stall_for(300ms, on.all[0].get());
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].task.data() == std::string("serve"));
  CHECK(reports[0].running == 10ms);
  on.pass_without(nullptr);
}
