// SPDX-License-Identifier: MIT

// Every byte in limbo is charged once against the budgets, and given back once.

#include <lull/reclaim/budget.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"
#include "on_a_budget.hpp"

using test::kib;
using test::on_a_budget;
using test::page;

TEST_CASE_METHOD(on_a_budget, "what is in limbo is charged, and given back when it is released") {
  retire_pages(10);
  CHECK(charged() == 0);  // at the next quiescent state
  writer.quiescent();
  CHECK(charged() >= 10 * static_cast<std::int64_t>(kib));
  reader->quiescent();
  settle();
  CHECK(limbo_bytes() == 0);
  CHECK(charged() == 0);
}

TEST_CASE_METHOD(on_a_budget, "what is held is charged no more, and does not stop the writers") {
  std::vector<lull::hold<page>> held;
  for (int i = 0; i < 60; ++i) {
    auto* one = new page;
    {
      const test::playing as_reader(*reader);
      held.emplace_back(lull::ref<page>(one));
    }
    writer.retire(one);
  }
  for (int i = 0; i < 200; ++i) test::pass_grace_period(writer, *reader);
  CHECK(domain.statistics().held_bytes == 60 * kib);
  CHECK(limbo_bytes() == 0);
  CHECK(writer.try_admit(50 * kib));
  {
    const test::playing as_reader(*reader);
    held.clear();
  }
  for (int i = 0; i < 20; ++i) test::pass_grace_period(writer, *reader);
  CHECK(domain.statistics().held_bytes == 0);
  settle();
  CHECK(charged() == 0);
}

TEST_CASE_METHOD(on_a_budget, "what a participant left behind stays charged until it is released") {
  {
    lull::participant leaver(domain);
    for (int i = 0; i < 30; ++i) leaver.retire(new page);
  }
  CHECK(charged() >= 30 * static_cast<std::int64_t>(kib));
  for (int i = 0; i < 10; ++i) test::pass_grace_period(writer, *reader);
  settle();
  CHECK(domain.statistics().orphans == 0);
  CHECK(charged() == 0);
}

TEST_CASE_METHOD(on_a_budget, "what did not go home was never given back when something else did") {
  struct from_reader : lull::homed<from_reader> {
    page content{};
  };
  for (int round = 0; round < 20; ++round) {
    {
      const test::playing as_reader(*reader);
      for (int i = 0; i < 10; ++i) writer.retire(new from_reader);
    }
    retire_pages(10);
    for (int i = 0; i < 4; ++i) test::pass_grace_period(writer, *reader);
  }
  settle();
  CHECK(limbo_bytes() == 0);
  CHECK(charged() == 0);
}

TEST_CASE_METHOD(on_a_budget, "what a home refused was never given back") {
  struct from_reader : lull::homed<from_reader> {
    page content{};
  };
  struct ends_reader {
    std::optional<lull::participant>* reader;
    ~ends_reader() { reader->reset(); }
  };
  lull::participant::set_current(&writer);
  for (const bool last : {false, true}) {  // the two queues of limbo take turns
    lull::participant* const before = lull::participant::set_current(&*reader);
    for (int i = 0; i < 10; ++i) writer.retire(new from_reader);
    lull::participant::set_current(before);
    if (last) writer.retire(new ends_reader{&reader});
    for (int i = 0; i < 10; ++i) {
      reader->quiescent();
      writer.quiescent(test::at_most(1000));
      if (!reader) break;
    }
  }
  CHECK_FALSE(reader.has_value());
  CHECK(writer.drive());
  CHECK(writer.offline());
  CHECK(charged() == 0);
  writer.online();
}

TEST_CASE_METHOD(on_a_budget, "what was held and then went home was given back twice") {
  struct from_reader : lull::homed<from_reader> {
    page content{};
  };
  std::optional<lull::hold<from_reader>> keep;
  from_reader* object = nullptr;
  {
    const test::playing as_reader(*reader);
    object = new from_reader;
    keep.emplace(lull::ref<from_reader>(object));
  }
  writer.retire(object);
  for (int i = 0; i < 20; ++i) test::pass_grace_period(writer, *reader);
  REQUIRE(writer.statistics().held_objects == 1);
  {
    const test::playing as_reader(*reader);
    keep.reset();
  }
  for (int i = 0; i < 20; ++i) test::pass_grace_period(writer, *reader);
  REQUIRE(reader->statistics().came_home == 1);
  settle();
  CHECK(charged() == 0);
}

TEST_CASE("what was promised before a sleep, and not used, was refused after it") {
  lull::domain domain(test::bounded(0, 64 * test::kib));
  lull::participant one(domain);
  CHECK(one.try_admit(60'000));
  CHECK(one.offline());
  one.online();
  CHECK(one.try_admit(60'000));
}
