// SPDX-License-Identifier: MIT
#include <lull/sched/submitter.hpp>

#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/base/limits.hpp>

#include "helpers.hpp"

namespace {

// Is repeated, as a cancel is: by what is called with each entry.
struct repeated : lull::detail::submitter {
  explicit repeated(lull::detail::core_context& on) noexcept : home(on) {}
  ~repeated() { end_repeat(home); }

  void begin() noexcept { request(home, nullptr, &repeated::fill); }
  static void fill(lull::detail::submitter& self, lull::submission entry) noexcept {
    auto& me = static_cast<repeated&>(self);
    entry.nop();
    ++me.entries;
    me.repeat(me.home, nullptr, &repeated::fill);
  }

  lull::detail::core_context& home;
  int entries = 0;
};

struct one_core {
  one_core() : here(*cores.cores[0]) {}

  test::driven_cores cores{1};
  lull::core::inside here;
  lull::detail::core_context& context = lull::detail::this_context("one_core");
};

using lull::limits::first_repeat;

}  // namespace

TEST_CASE("what is repeated has pauses four times as long each, up to a bound") {
  one_core only;
  only.cores.turn();
  repeated one(only.context);
  one.begin();
  lull::nanoseconds pause = first_repeat;
  for (int entries = 1; entries < 10; ++entries) {
    only.cores.turn();
    CHECK(one.entries == entries);
    only.cores.clock.advance(pause - lull::nanoseconds(1));
    only.cores.turn();
    CHECK(one.entries == entries);
    only.cores.clock.advance(lull::nanoseconds(1));
    if (entries < static_cast<int>(lull::limits::repeat_pauses)) pause *= 4;
    only.cores.turn();
    CHECK(one.entries == entries + 1);
  }
  CHECK(pause == first_repeat * 1024);
  one.end_repeat(only.context);
  only.cores.clock.advance(2 * pause);
  only.cores.turn();
  CHECK(one.entries == 10);
}

TEST_CASE("a cancel was not repeated while others were made all the time") {
  one_core only;
  only.cores.turn();
  repeated lost(only.context);
  lost.begin();
  for (int i = 0; i < 8; ++i) {
    repeated brief(only.context);
    brief.begin();
    only.cores.clock.advance(first_repeat / 4);
    only.cores.turn();
  }
  CHECK(lost.entries == 2);
}

TEST_CASE("what is withdrawn before its time wakes no core") {
  one_core only;
  only.cores.turn();
  {
    repeated one(only.context);
    one.begin();
    CHECK(!only.context.timers.empty());
  }
  CHECK(only.context.timers.empty());
}

TEST_CASE("repeats that find no room wait for it, each once") {
  one_core only;
  only.cores.turn();
  std::vector<std::unique_ptr<repeated>> many;
  for (int i = 0; i < 200; ++i) {  // the ring takes 64 at a time
    many.push_back(std::make_unique<repeated>(only.context));
    many.back()->begin();
  }
  for (int i = 0; i < 8; ++i) only.cores.turn();
  for (const auto& one : many) CHECK(one->entries == 1);
  only.cores.clock.advance(first_repeat);
  for (int i = 0; i < 8; ++i) only.cores.turn();
  for (const auto& one : many) CHECK(one->entries == 2);
}
