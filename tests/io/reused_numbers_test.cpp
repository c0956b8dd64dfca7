// SPDX-License-Identifier: MIT
// Numbers of descriptors that another core has had.
#include <catch2/catch_test_macros.hpp>

#include <lull/io/event_descriptor.hpp>
#include <lull/io/pipe.hpp>
#include <lull/io/run_process.hpp>
#include <lull/sched/runtime.hpp>

#include "../sched/threads.hpp"

namespace {

lull::task<> open_and_close_often() {
  for (int i = 0; i < 30; ++i) {
    auto ends = lull::pipe().value();
    auto closing = ends.reader.close();
    (void)co_await closing;
    auto event = lull::event_descriptor::make().value();
    auto ending = event.close();
    (void)co_await ending;
  }
  auto running = lull::run_process({.program = "true"});
  (co_await std::move(running)).value();
}

}  // namespace

TEST_CASE("a number that another core's ring had closed was taken for a data race by TSan") {
  CHECK(lull::run(test::some_cores(3), open_and_close_often) == 0);
}
