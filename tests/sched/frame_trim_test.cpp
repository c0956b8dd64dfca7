// SPDX-License-Identifier: MIT
#include <lull/sched/frame_trim.hpp>

#include <lull/sched/event.hpp>

#include "helpers.hpp"

using lull::detail::frame_pool;
using lull::detail::frame_trim;

TEST_CASE("the frames of many tasks go back to the heap some time after these have ended") {
  if (!frame_pool::pools) SKIP("every frame comes from the heap here");
  test::driven_cores cores(1);
  lull::core& here = *cores.cores[0];
  cores.run_on_core(0, []() -> lull::task<> {
    lull::event end;
    lull::scope many;
    const auto wait = [](lull::event* on) -> lull::task<> { co_await on->wait(); };
    for (int i = 0; i < 20'000; ++i) many.spawn(wait, &end);
    co_await lull::yield();
    end.set();
    co_await many.join();
  });
  const std::size_t grown = here.frames.slab_bytes();
  REQUIRE(here.frames.has_excess());
  cores.turn();
  CHECK(here.frames.slab_bytes() == grown);
  // A core that sleeps wakes up for it.
  REQUIRE(!here.timers.empty());
  CHECK(here.timers.earliest() <= cores.clock.now() + frame_trim::unneeded_for);
  for (int i = 0; here.frames.has_excess() && i < 1'000; ++i) {
    cores.clock.advance(frame_trim::unneeded_for);
    cores.turn();
  }
  CHECK(!here.frames.has_excess());
  CHECK(here.frames.slab_bytes() < grown / 2);
  cores.turn();
  CHECK(here.timers.empty());
}
