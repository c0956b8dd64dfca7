// SPDX-License-Identifier: MIT
// expect: poll was called on a foreign_descriptor of core 0 from core 1
#include <lull/lull.hpp>

void program() {
  lull::run({.cores = {0, 0}}, []() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    lull::foreign_descriptor mine(1);
    auto ready = co_await mine.poll(lull::readiness::none | lull::readiness::writable);
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto again = co_await mine.poll(lull::readiness::writable);
      again.error();
    });
  });
}
