// SPDX-License-Identifier: MIT
// expect: a foreign_descriptor (0) was dropped while it was polled; await release() before
#include <lull/lull.hpp>
#include <optional>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    std::optional<lull::foreign_descriptor> mine(0);
    lull::spawn([&]() -> lull::task<> {
      const auto ready = co_await mine->poll(lull::readiness::priority);
      ready.error();
    });
    co_await lull::yield();
    mine.reset();
  });
}
