// SPDX-License-Identifier: MIT
#include <lull/sched/submitter.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/base/limits.hpp>

#include "../ring/observer.hpp"
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
    me.repeat(me.home, nullptr, &repeated::fill, me.times);
  }

  lull::detail::core_context& home;
  int entries = 0;
  std::uint8_t times = 0;
};

// Takes no entries, for a time.
struct refusing_kernel : test::passing_kernel {
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (refuses && submit != 0) return -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  bool refuses = false;
};

struct one_core {
  explicit one_core(lull::kernel& through = lull::real_kernel())
      : cores(1, test::driven_cores::small_options(), {}, through), here(*cores.cores[0]) {}

  test::driven_cores cores;
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

TEST_CASE("repeats that find no room wait for it, each once, and their pauses go on growing") {
  refusing_kernel kernel;
  one_core only(kernel);
  only.cores.turn();
  std::vector<std::unique_ptr<repeated>> many;
  for (int i = 0; i < 100; ++i) {  // the ring takes 64
    many.push_back(std::make_unique<repeated>(only.context));
  }
  lull::nanoseconds pause = first_repeat;
  for (int entries = 0; entries < 3; ++entries) {
    kernel.refuses = true;
    if (entries == 0) {
      for (const auto& one : many) one->begin();
    } else {
      only.cores.clock.advance(pause);
      pause *= 4;
    }
    only.cores.turn();
    CHECK(std::count_if(many.begin(), many.end(),
                        [=](const auto& one) { return one->entries == entries; }) == 100 - 64);
    kernel.refuses = false;
    for (int i = 0; i < 4; ++i) only.cores.turn();
    for (const auto& one : many) CHECK(one->entries == entries + 1);
  }
}

TEST_CASE("a full queue is handed over to the kernel, and nobody waits for a turn of the core") {
  one_core only;
  only.cores.turn();
  std::vector<std::unique_ptr<repeated>> many;
  for (int i = 0; i < 100; ++i) {  // the ring takes 64
    many.push_back(std::make_unique<repeated>(only.context));
    many.back()->begin();
    CHECK(many.back()->entries == 1);
  }
}

TEST_CASE("whoever comes while others wait for room goes behind them, though there is room") {
  refusing_kernel kernel;
  one_core only(kernel);
  only.cores.turn();
  std::vector<std::unique_ptr<repeated>> many;
  for (int i = 0; i < 66; ++i) many.push_back(std::make_unique<repeated>(only.context));
  kernel.refuses = true;
  for (const auto& one : many) one->begin();
  kernel.refuses = false;
  only.context.ring->submit();
  repeated late(only.context);
  late.begin();
  CHECK(late.entries == 0);
  CHECK(many.back()->entries == 0);
  only.cores.turn();
  CHECK(late.entries == 1);
  CHECK(many.back()->entries == 1);
}
