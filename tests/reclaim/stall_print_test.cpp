// SPDX-License-Identifier: MIT

// How a stall report looks where nobody takes it.

#include <lull/reclaim/stall.hpp>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <source_location>
#include <string>

#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

// What the call writes to stderr.
template <class Call>
std::string written_to_stderr(Call call) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int before = ::dup(2);
  ::dup2(::fileno(file), 2);
  call();
  std::fflush(stderr);
  ::dup2(before, 2);
  ::close(before);
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

// A pin holds up one who has retired something, for a second and a half.
void stall_by_a_pin(std::source_location where) {
  lull::manual_clock clock;
  lull::domain domain;
  lull::participant reader(domain);
  lull::participant writer(domain);
  reader.set_label(10);
  writer.set_label(11);
  for (lull::participant* one : {&reader, &writer}) one->use_clock(clock.source());
  writer.retire(new int, 4321);
  const lull::pin walk(reader, where);
  for (int half = 0; half < 4; ++half) {
    for (unsigned i = 0; i < 2 * lull::limits::blocked_turns; ++i) {
      reader.quiescent();
      writer.quiescent();
    }
    clock.advance(500ms);
  }
}

}  // namespace

TEST_CASE("where no report function is given one readable line is written") {
  const auto here = std::source_location::current();
  const std::string text = written_to_stderr([&] { stall_by_a_pin(here); });
  CAPTURE(text);
  CHECK(text.starts_with("lull: participant 10 holds up epoch "));
  CHECK(text.find("a pin taken at " + std::string(here.file_name()) + ":" +
                  std::to_string(here.line()) + " is there for 1") != std::string::npos);
  CHECK(text.find("1 objects, 4321 bytes wait, most with participant 11") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("a printed report says what is known, and no more") {
  lull::stall_report report;
  report.participant = 3;
  report.epoch = 77;
  report.lasted = 2500ms;
  const std::string bare = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(bare ==
        "lull: participant 3 holds up epoch 77 for 2500 ms: it has not passed a quiescent "
        "state. No object waits to be released\n");
  report.asleep_in_thread = 41;
  const std::string asleep = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(asleep.find("does not let it return from its sleep (/proc/41/stack") != std::string::npos);
  report.lacks_processor = true;
  const std::string busy = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(busy.find("ms: its thread waits for a processor: other") != std::string::npos);
  CHECK(busy.find("sleep") == std::string::npos);
  report.asleep_in_thread = 0;
  report.lacks_processor = false;
  std::snprintf(report.task.data(), report.task.size(), "serve");
  report.task_at = std::source_location::current();
  report.running = 40ms;
  const std::string task = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(task.find("task serve has run for 40 ms, since its co_await at " +
                  std::string(report.task_at.file_name()) + ":" +
                  std::to_string(report.task_at.line()) + ". No object waits") !=
        std::string::npos);
  CHECK(task.find("has not passed") == std::string::npos);
  report.objects = 5;
  report.bytes = 640;
  report.where[0] = {.participant = 1, .bytes = 600};
  report.noun = "core";
  report.pins = 2;
  const std::string both = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(both.starts_with("lull: core 3 holds up epoch 77"));
  CHECK(both.find("(2 pins); task serve") != std::string::npos);
  CHECK(both.ends_with(". 5 objects, 640 bytes wait, most with participant 1\n"));
  report.task.fill('x');  // not even a 0 behind it
  const std::string whole = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(whole.find(std::string(report.task.size(), 'x') + " has run") != std::string::npos);
  CHECK(whole.back() == '\n');
  report.calls.fill(reinterpret_cast<void*>(&stall_by_a_pin));
  report.calls.back() = nullptr;
  const std::string calls = written_to_stderr([&] { lull::print_stall(report); });
  CHECK(calls.find("\nlull: core 3 was in unit-reclaim+0x") != std::string::npos);
  CHECK(std::count(calls.begin(), calls.end(), '+') == 15);
  CHECK(calls.ends_with(" (addr2line names the lines)\n"));
}
